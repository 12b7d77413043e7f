#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use crate::Injective;
use crate::header::Header;
use crate::wrapped_key_v1::{Mechanism, WrappedKey};

/// The longest value.
pub const MAX_PLAINTEXT: usize = 65_536;

/// Why a ciphertext was refused, before the HSM was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HsmCiphertextError {
    /// The first byte names another format.
    #[error("the first byte of a ciphertext made in the HSM must be 4, the format hsm_v1")]
    UnknownFormat,
    /// Its parts do not add up.
    #[error("not a ciphertext made in the HSM: its mechanism must be known and its lengths must add up")]
    Malformed,
}

/// A ciphertext taken apart, not yet verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HsmCiphertext<'a> {
    header: Header,
    mechanism: Mechanism,
    iv: &'a [u8],
    ciphertext: &'a [u8],
    tag: &'a [u8],
}

/// What the HSM binds a value to.
pub fn aad(header: Header, place: &[u8]) -> Vec<u8> {
    Injective::new(LABEL).part(&header.encode(FORMAT)).part(place).finish()
}

/// The bytes of what the HSM made. `None` if it made something that this format cannot hold.
pub fn encode(header: Header, sealed: &WrappedKey) -> Option<Vec<u8>> {
    let iv_length = u8::try_from(sealed.iv.len()).ok()?;
    let front = [header.encode(FORMAT).as_slice(), &[sealed.mechanism.code(), iv_length]].concat();
    let bytes = [front.as_slice(), &sealed.iv, &sealed.ciphertext, &sealed.tag].concat();
    let fits = HsmCiphertext::parse(&bytes).is_ok_and(|parsed| parsed.tag == sealed.tag);
    fits.then_some(bytes)
}

impl<'a> HsmCiphertext<'a> {
    /// Takes it apart.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, HsmCiphertextError> {
        let (format, rest) = bytes.split_first().ok_or(HsmCiphertextError::Malformed)?;
        if *format != FORMAT {
            return Err(HsmCiphertextError::UnknownFormat);
        }
        Self::split(rest).ok_or(HsmCiphertextError::Malformed)
    }

    /// Which version of which key it asks for. Unverified until the HSM opened it.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// For the HSM to open, under this key.
    pub fn sealed(&self, key_id: [u8; 16]) -> WrappedKey {
        WrappedKey {
            mechanism: self.mechanism,
            kek_id: key_id,
            iv: self.iv.to_vec(),
            ciphertext: self.ciphertext.to_vec(),
            tag: self.tag.to_vec(),
        }
    }

    fn split(rest: &'a [u8]) -> Option<Self> {
        let (header, rest) = Header::split(rest)?;
        let ([code, iv_length], rest) = rest.split_first_chunk()?;
        let mechanism = Mechanism::from_code(*code).filter(|mechanism| mechanism.seals_data())?;
        let (iv, rest) = rest.split_at_checked(usize::from(*iv_length))?;
        let (ciphertext, tag) = rest.split_at_checked(rest.len().checked_sub(mechanism.tag_length())?)?;
        (12..=16).contains(&iv.len()).then_some(Self { header, mechanism, iv, ciphertext, tag })
    }
}

const FORMAT: u8 = 4;
const LABEL: &str = "strongroom/hsm_v1";
