#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use aes_gcm::aead::array::Array;
use aes_gcm::aead::consts::{U12, U32, U76};
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use strongroom_domain::{KeyId, KeyVersion, Secret};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::{KeyMaterial, derivation};

/// How many bytes an envelope has beyond its plaintext.
pub const OVERHEAD: usize = HEADER_LENGTH + SALT_LENGTH + COMMITMENT_LENGTH + TAG_LENGTH;

/// Why an envelope was refused. A wrong key, wrong context and altered bytes are one error: which of them it was would
/// help only someone who tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Too short to be one, a key version of 0, or a plaintext beyond the limit of AES-GCM.
    #[error("not an envelope: it has at least 77 bytes, a key version from 1 and at most 64 GiB of content")]
    Malformed,
    /// The first byte names no format that is known here.
    #[error("the envelope's first byte must be 1, the format envelope_v1")]
    UnknownFormat,
    /// It was not sealed under this key, for this context, with this content.
    #[error("the envelope does not belong to this key and context, or was altered")]
    Integrity,
}

/// What an envelope says of itself in clear: which version of which key opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// The key.
    pub key_id: KeyId,
    /// Its version.
    pub key_version: KeyVersion,
}

/// The working key of envelopes, derived from the material of one key version.
pub struct EnvelopeKey(Secret<[u8; 32]>);

impl EnvelopeKey {
    /// Derives it.
    pub fn derive(material: &KeyMaterial) -> Self {
        Self(derivation::derive(material, LABEL))
    }

    /// Seals. The salt must come fresh from the generator for every call: with the key it determines everything else.
    pub fn seal(
        &self,
        header: Header,
        salt: [u8; 16],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, EnvelopeError> {
        let header = header.encode();
        let mut derived = Zeroizing::new([0; 76]);
        self.derive_message(&header, &salt, &mut derived);
        let message = Message::of(&derived);

        // Allocated once and full size: growing would leave a copy of the plaintext behind.
        let mut envelope = Vec::with_capacity(OVERHEAD.saturating_add(plaintext.len()));
        envelope.extend_from_slice(&header);
        envelope.extend_from_slice(&salt);
        envelope.extend_from_slice(message.commitment);
        envelope.extend_from_slice(plaintext);
        let (_, content) = envelope.split_at_mut(CLEAR_LENGTH);
        let sealed = Aes256Gcm::new(message.key).encrypt_inout_detached(
            message.nonce,
            &authenticated(&header, aad),
            content.into(),
        );
        let Ok(tag) = sealed else {
            envelope.zeroize();
            return Err(EnvelopeError::Malformed);
        };
        envelope.extend_from_slice(&tag);
        Ok(envelope)
    }

    /// Opens: commitment first, then tag, then decryption into the secret's own buffer.
    pub fn open(&self, envelope: &Envelope<'_>, aad: &[u8]) -> Result<Secret<Vec<u8>>, EnvelopeError> {
        let header = envelope.header.encode();
        let mut derived = Zeroizing::new([0; 76]);
        self.derive_message(&header, envelope.salt, &mut derived);
        let message = Message::of(&derived);
        if !bool::from(message.commitment.as_slice().ct_eq(envelope.commitment)) {
            return Err(EnvelopeError::Integrity);
        }
        Secret::build(Vec::with_capacity(envelope.ciphertext.len()), |content| {
            content.extend_from_slice(envelope.ciphertext);
            Aes256Gcm::new(message.key)
                .decrypt_inout_detached(
                    message.nonce,
                    &authenticated(&header, aad),
                    content.as_mut_slice().into(),
                    envelope.tag.into(),
                )
                .map_err(|_| EnvelopeError::Integrity)
        })
    }

    /// One HKDF a message. The salt is the extraction's, so the message key is new whenever the salt is.
    #[expect(
        clippy::disallowed_methods,
        reason = "goes into the extraction only; the result is the caller's to wipe"
    )]
    fn derive_message(&self, header: &[u8; HEADER_LENGTH], salt: &[u8; SALT_LENGTH], derived: &mut [u8; 76]) {
        let extracted = derivation::extract(salt, self.0.expose());
        derivation::expand(&extracted, &[MESSAGE_LABEL, header], derived);
    }
}

/// An envelope taken apart, not yet verified.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    header: Header,
    salt: &'a [u8; SALT_LENGTH],
    commitment: &'a [u8; COMMITMENT_LENGTH],
    ciphertext: &'a [u8],
    tag: &'a [u8; TAG_LENGTH],
}

impl<'a> Envelope<'a> {
    /// Takes it apart.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        let (format, rest) = bytes.split_first().ok_or(EnvelopeError::Malformed)?;
        if *format != FORMAT {
            return Err(EnvelopeError::UnknownFormat);
        }
        Self::split(rest).ok_or(EnvelopeError::Malformed)
    }

    /// Which version of which key it asks for. Unverified until it is opened.
    pub fn header(&self) -> Header {
        self.header
    }

    fn split(rest: &'a [u8]) -> Option<Self> {
        let (key_id, rest) = rest.split_first_chunk::<8>()?;
        let (key_version, rest) = rest.split_first_chunk::<4>()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (commitment, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        let header = Header {
            key_id: KeyId::from_bytes(*key_id),
            key_version: KeyVersion::new(u32::from_be_bytes(*key_version))?,
        };
        Some(Self { header, salt, commitment, ciphertext, tag })
    }
}

impl Header {
    fn encode(self) -> [u8; HEADER_LENGTH] {
        let [a, b, c, d, e, f, g, h] = *self.key_id.as_bytes();
        let [i, j, k, l] = self.key_version.get().to_be_bytes();
        [FORMAT, a, b, c, d, e, f, g, h, i, j, k, l]
    }
}

/// The three values that HKDF gives for one message. The split is checked by types, not at run time.
struct Message<'a> {
    key: &'a Array<u8, U32>,
    nonce: &'a Array<u8, U12>,
    commitment: &'a Array<u8, U32>,
}

impl<'a> Message<'a> {
    fn of(derived: &'a [u8; 76]) -> Self {
        let (key, rest) = <&Array<u8, U76>>::from(derived).split_ref::<U32>();
        let (nonce, commitment) = rest.split_ref::<U12>();
        Self { key, nonce, commitment }
    }
}

/// What the tag covers beside the content. The header has one length, so this cannot be read two ways.
fn authenticated(header: &[u8; HEADER_LENGTH], aad: &[u8]) -> Vec<u8> {
    let mut authenticated = Vec::with_capacity(HEADER_LENGTH.saturating_add(aad.len()));
    authenticated.extend_from_slice(header);
    authenticated.extend_from_slice(aad);
    authenticated
}

const FORMAT: u8 = 1;
const LABEL: &str = "strongroom/envelope_v1";
const MESSAGE_LABEL: &[u8] = b"strongroom/envelope_v1/message";
const HEADER_LENGTH: usize = 13;
const SALT_LENGTH: usize = 16;
const COMMITMENT_LENGTH: usize = 32;
const TAG_LENGTH: usize = 16;
/// Everything before the ciphertext.
const CLEAR_LENGTH: usize = HEADER_LENGTH + SALT_LENGTH + COMMITMENT_LENGTH;
