#![doc = include_str!("SPEC.md")]

mod mechanism;
#[cfg(test)]
mod tests;

use strongroom_domain::{KeyId, KeyPurpose, KeyVersion, TenantId};

pub use self::mechanism::Mechanism;
use crate::Injective;
use crate::injective::length;

/// Why a wrapped key was refused, before any key was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrappedKeyError {
    /// The first byte names no format that is known here.
    #[error("the first byte of a wrapped key must be 1, the format wrapped_key_v1")]
    UnknownFormat,
    /// No mechanism has this code.
    #[error("the second byte of a wrapped key must be the code of a mechanism")]
    UnknownMechanism,
    /// A length does not add up, or bytes follow the end.
    #[error("not a wrapped key: its lengths must add up to its end")]
    Malformed,
    /// The parts are not those of the mechanism.
    #[error("a wrapped key's iv, ciphertext and tag must have the lengths of its mechanism")]
    Shape,
}

/// Key material as it rests in a table. Not secret: what is inside opens in the HSM only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// How it was wrapped.
    pub mechanism: Mechanism,
    /// Under which key-encryption key.
    pub kek_id: [u8; 16],
    /// The initialisation vector; empty where the mechanism has none.
    pub iv: Vec<u8>,
    /// The material, wrapped.
    pub ciphertext: Vec<u8>,
    /// The mechanism's tag, or the HMAC-SHA256 that stands in for authenticated data.
    pub tag: Vec<u8>,
}

impl WrappedKey {
    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let parts = [&self.iv, &self.ciphertext, &self.tag];
        let capacity = parts.iter().fold(30_usize, |sum, part| sum.saturating_add(part.len()));
        let mut bytes = Vec::with_capacity(capacity);
        bytes.extend_from_slice(&[FORMAT, self.mechanism.code()]);
        bytes.extend_from_slice(&self.kek_id);
        for part in parts {
            bytes.extend_from_slice(&length(part.len()));
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// Reads exactly what [`WrappedKey::encode`] writes, and only with the lengths that its mechanism has.
    pub fn decode(bytes: &[u8]) -> Result<Self, WrappedKeyError> {
        let (format, rest) = bytes.split_first().ok_or(WrappedKeyError::Malformed)?;
        if *format != FORMAT {
            return Err(WrappedKeyError::UnknownFormat);
        }
        let (code, rest) = rest.split_first().ok_or(WrappedKeyError::Malformed)?;
        let mechanism = Mechanism::from_code(*code).ok_or(WrappedKeyError::UnknownMechanism)?;
        let wrapped = Self::split(mechanism, rest).ok_or(WrappedKeyError::Malformed)?;
        if mechanism.fits(&wrapped.iv, &wrapped.ciphertext, &wrapped.tag) {
            Ok(wrapped)
        } else {
            Err(WrappedKeyError::Shape)
        }
    }

    fn split(mechanism: Mechanism, rest: &[u8]) -> Option<Self> {
        let (kek_id, rest) = rest.split_first_chunk::<16>()?;
        let (iv, rest) = split_part(rest)?;
        let (ciphertext, rest) = split_part(rest)?;
        let (tag, rest) = split_part(rest)?;
        rest.is_empty().then(|| Self {
            mechanism,
            kek_id: *kek_id,
            iv: iv.to_vec(),
            ciphertext: ciphertext.to_vec(),
            tag: tag.to_vec(),
        })
    }
}

/// The place a wrapped key belongs to. It opens for this place and for no other.
#[derive(Debug, Clone, Copy)]
pub struct WrapContext<'a> {
    /// The cluster.
    pub cluster: &'a [u8; 16],
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The key.
    pub key_id: KeyId,
    /// Its version.
    pub version: KeyVersion,
    /// What the key is for.
    pub purpose: KeyPurpose,
    /// The algorithm the material is for.
    pub algorithm: &'a str,
    /// The key-encryption key.
    pub kek_id: &'a [u8; 16],
}

impl WrapContext<'_> {
    /// The authenticated data.
    pub fn aad(&self) -> Vec<u8> {
        Injective::new(LABEL)
            .part(self.cluster)
            .part(self.tenant.as_str().as_bytes())
            .part(self.key_id.as_bytes())
            .part(&self.version.get().to_be_bytes())
            .part(self.purpose.as_str().as_bytes())
            .part(self.algorithm.as_bytes())
            .part(self.kek_id)
            .finish()
    }
}

fn split_part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

const FORMAT: u8 = 1;
const LABEL: &str = "strongroom/wrapped_key_v1";
