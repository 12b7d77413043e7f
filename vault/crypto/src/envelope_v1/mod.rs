#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use aes::Aes256Enc;
use aes_gcm::aead::array::Array;
use aes_gcm::aead::consts::{U12, U32, U76};
use aes_gcm::{AeadInOut, AesGcm, KeyInit};
use strongroom_domain::Secret;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::header::{self, Header};
use crate::{KeyMaterial, derivation, message_keys};

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
        let header = header.encode(FORMAT);
        let derived = self.derive_message(&header, &salt);
        let message = derived.parts();

        // Allocated once and full size: growing would leave a copy of the plaintext behind.
        let mut envelope = Vec::with_capacity(OVERHEAD.saturating_add(plaintext.len()));
        envelope.extend_from_slice(&header);
        envelope.extend_from_slice(&salt);
        envelope.extend_from_slice(message.commitment);
        envelope.extend_from_slice(plaintext);
        let (_, content) = envelope.split_at_mut(CLEAR_LENGTH);
        let sealed = Cipher::new(message.key).encrypt_inout_detached(
            message.nonce,
            Authenticated::of(&header, aad).as_bytes(),
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
        let header = envelope.header.encode(FORMAT);
        let derived = self.derive_message(&header, envelope.salt);
        let message = derived.parts();
        if !bool::from(message.commitment.as_slice().ct_eq(envelope.commitment)) {
            return Err(EnvelopeError::Integrity);
        }
        Secret::build(Vec::with_capacity(envelope.ciphertext.len()), |content| {
            content.extend_from_slice(envelope.ciphertext);
            Cipher::new(message.key)
                .decrypt_inout_detached(
                    message.nonce,
                    Authenticated::of(&header, aad).as_bytes(),
                    content.as_mut_slice().into(),
                    envelope.tag.into(),
                )
                .map_err(|_| EnvelopeError::Integrity)
        })
    }

    /// One HKDF a message. The salt is the extraction's, so the message key is new whenever the salt is.
    fn derive_message(&self, header: &[u8; HEADER_LENGTH], salt: &[u8; SALT_LENGTH]) -> Derived {
        let mut info = [0; MESSAGE_LABEL.len() + HEADER_LENGTH];
        for (to, from) in info.iter_mut().zip(MESSAGE_LABEL.iter().chain(header)) {
            *to = *from;
        }
        let mut derived = Derived([0; message_keys::LENGTH]);
        #[expect(
            clippy::disallowed_methods,
            reason = "goes into the derivation only; what comes out wipes itself"
        )]
        message_keys::derive(salt, self.0.expose(), &info, &mut derived.0);
        derived
    }
}

/// Counter mode only ever encrypts blocks, so the key's decrypting half is not worked out.
type Cipher = AesGcm<Aes256Enc, U12>;

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
        let (header, rest) = Header::split(rest)?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (commitment, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        Some(Self { header, salt, commitment, ciphertext, tag })
    }
}

/// What HKDF gives for one message.
struct Derived([u8; message_keys::LENGTH]);

/// Its three values.
struct Message<'a> {
    key: &'a Array<u8, U32>,
    nonce: &'a Array<u8, U12>,
    commitment: &'a Array<u8, U32>,
}

impl Derived {
    /// The split is checked by types, not at run time.
    fn parts(&self) -> Message<'_> {
        let (key, rest) = <&Array<u8, U76>>::from(&self.0).split_ref::<U32>();
        let (nonce, commitment) = rest.split_ref::<U12>();
        Message { key, nonce, commitment }
    }
}

impl Drop for Derived {
    fn drop(&mut self) {
        // As a slice: an array is wiped byte by byte.
        self.0.as_mut_slice().zeroize();
    }
}

/// What the tag covers beside the content. The header has one length, so this cannot be read two ways. Most are short
/// enough to need no memory of their own.
struct Authenticated {
    length: usize,
    short: [u8; 256],
    long: Vec<u8>,
}

impl Authenticated {
    fn of(header: &[u8; HEADER_LENGTH], aad: &[u8]) -> Self {
        let length = HEADER_LENGTH.saturating_add(aad.len());
        let mut bytes = Self { length, short: [0; 256], long: Vec::new() };
        match bytes.short.get_mut(..length).and_then(<[u8]>::split_first_chunk_mut) {
            Some((front, back)) => {
                *front = *header;
                back.copy_from_slice(aad);
            }
            None => bytes.long = [header.as_slice(), aad].concat(),
        }
        bytes
    }

    fn as_bytes(&self) -> &[u8] {
        self.short.get(..self.length).unwrap_or(&self.long)
    }
}

const FORMAT: u8 = 1;
const LABEL: &str = "strongroom/envelope_v1";
const MESSAGE_LABEL: &[u8; 30] = b"strongroom/envelope_v1/message";
const HEADER_LENGTH: usize = header::LENGTH;
const SALT_LENGTH: usize = 16;
const COMMITMENT_LENGTH: usize = 32;
const TAG_LENGTH: usize = 16;
/// Everything before the ciphertext.
const CLEAR_LENGTH: usize = HEADER_LENGTH + SALT_LENGTH + COMMITMENT_LENGTH;
