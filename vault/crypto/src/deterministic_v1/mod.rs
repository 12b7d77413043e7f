#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use strongroom_domain::Secret;
use zeroize::Zeroize;

use crate::header::{self, Header};
use crate::{KeyMaterial, derivation};

/// How many bytes a ciphertext has beyond its plaintext.
pub const OVERHEAD: usize = CLEAR_LENGTH;

/// Why a ciphertext was refused. A wrong key, wrong context and altered bytes are one error: which of them it was would
/// help only someone who tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeterministicError {
    /// Too short to be one, or a key version of 0.
    #[error("not a deterministic ciphertext: it has at least 29 bytes and a key version from 1")]
    Malformed,
    /// The first byte names another format.
    #[error("the first byte of a deterministic ciphertext must be 2, the format deterministic_v1")]
    UnknownFormat,
    /// It was not sealed under this key, for this context, with this content.
    #[error("the ciphertext does not belong to this key and context, or was altered")]
    Integrity,
}

/// The working key of deterministic ciphertexts, derived from the material of one key version.
pub struct DeterministicKey(Secret<[u8; 64]>);

impl DeterministicKey {
    /// Derives it.
    pub fn derive(material: &KeyMaterial) -> Self {
        Self(derivation::derive(material, LABEL))
    }

    /// Seals: the same plaintext with the same header and `aad` gives the same bytes.
    pub fn seal(&self, header: Header, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let header = header.encode(FORMAT);
        // Allocated once and full size: growing would leave a copy of the plaintext behind.
        let mut sealed = Vec::with_capacity(OVERHEAD.saturating_add(plaintext.len()));
        sealed.extend_from_slice(&header);
        sealed.extend_from_slice(&[0; VECTOR_LENGTH]);
        sealed.extend_from_slice(plaintext);
        let (front, content) = sealed.split_at_mut(CLEAR_LENGTH);
        #[expect(
            clippy::expect_used,
            reason = "the only failure is more than 126 strings; there are two and the plaintext"
        )]
        let vector = self
            .cipher()
            .encrypt_inout_detached([&header, aad], content.into())
            .expect("two strings are not too many");
        if let Some(place) = front.last_chunk_mut() {
            *place = vector.0;
        }
        sealed
    }

    /// Opens into the secret's own buffer, which is wiped if it does not hold what was sealed.
    pub fn open(
        &self,
        ciphertext: &DeterministicCiphertext<'_>,
        aad: &[u8],
    ) -> Result<Secret<Vec<u8>>, DeterministicError> {
        let header = ciphertext.header.encode(FORMAT);
        Secret::build(Vec::with_capacity(ciphertext.content.len()), |content| {
            content.extend_from_slice(ciphertext.content);
            let opened = self.cipher().decrypt_inout_detached(
                [&header, aad],
                content.as_mut_slice().into(),
                ciphertext.vector.into(),
            );
            opened.map_err(|_| {
                content.zeroize();
                DeterministicError::Integrity
            })
        })
    }

    fn cipher(&self) -> Aes256Siv {
        #[expect(clippy::disallowed_methods, reason = "goes into the cipher's own state, which wipes itself")]
        let key = self.0.expose();
        Aes256Siv::new(key.into())
    }
}

/// A ciphertext taken apart, not yet verified.
#[derive(Clone, Copy)]
pub struct DeterministicCiphertext<'a> {
    header: Header,
    vector: &'a [u8; VECTOR_LENGTH],
    content: &'a [u8],
}

impl<'a> DeterministicCiphertext<'a> {
    /// Takes it apart.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DeterministicError> {
        let (format, rest) = bytes.split_first().ok_or(DeterministicError::Malformed)?;
        if *format != FORMAT {
            return Err(DeterministicError::UnknownFormat);
        }
        Self::split(rest).ok_or(DeterministicError::Malformed)
    }

    /// Which version of which key it asks for. Unverified until it is opened.
    pub const fn header(&self) -> Header {
        self.header
    }

    fn split(rest: &'a [u8]) -> Option<Self> {
        let (header, rest) = Header::split(rest)?;
        let (vector, content) = rest.split_first_chunk()?;
        Some(Self { header, vector, content })
    }
}

const FORMAT: u8 = 2;
const LABEL: &str = "strongroom/deterministic_v1";
const VECTOR_LENGTH: usize = 16;
/// Everything before the ciphertext.
const CLEAR_LENGTH: usize = header::LENGTH + VECTOR_LENGTH;
