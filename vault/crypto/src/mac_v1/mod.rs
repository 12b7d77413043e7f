#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use strongroom_domain::Secret;

use crate::header::{self, Header};
use crate::keyed_hash::KeyedHash;
use crate::{Injective, KeyMaterial, derivation};

/// How long an authentication code is.
pub const LENGTH: usize = header::LENGTH + CODE_LENGTH;

/// The bytes are no authentication code of this format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an authentication code has 45 bytes, the format 3 and a key version from 1")]
pub struct MacError;

/// The key of authentication codes, derived from the material of one key version.
pub struct MacKey(KeyedHash);

/// An authentication code taken apart, not yet verified.
#[derive(Debug, Clone, Copy)]
pub struct Mac<'a> {
    header: Header,
    code: &'a [u8; CODE_LENGTH],
}

impl MacKey {
    /// Derives it.
    pub fn derive(material: &KeyMaterial) -> Self {
        Self(KeyedHash::new(&derivation::derive(material, LABEL), LABEL))
    }

    /// Makes the code of data, which are not copied.
    pub fn make(&self, header: Header, aad: &[u8], data: &[u8]) -> Vec<u8> {
        let header = header.encode(FORMAT);
        let code = self.0.code([header.as_slice(), aad, data]);
        [header.as_slice(), &code].concat()
    }

    /// Whether the code is this key's for these data in this place, in constant time.
    pub fn verify(&self, mac: &Mac<'_>, aad: &[u8], data: &[u8]) -> bool {
        self.0.verify([mac.header.encode(FORMAT).as_slice(), aad, data], mac.code)
    }
}

/// What a key inside an HSM makes its code over: the bytes that [`MacKey`] feeds to its own.
pub fn message(header: Header, aad: &[u8], data: &[u8]) -> Vec<u8> {
    Injective::new(LABEL).part(&header.encode(FORMAT)).part(aad).part(data).finish()
}

/// The authentication code, from what an HSM made over the [`message`].
pub fn assemble(header: Header, code: &[u8; CODE_LENGTH]) -> Vec<u8> {
    [header.encode(FORMAT).as_slice(), code].concat()
}

impl<'a> Mac<'a> {
    /// Takes it apart.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MacError> {
        let rest = bytes.strip_prefix(&[FORMAT]).ok_or(MacError)?;
        let (header, code) = Header::split(rest).ok_or(MacError)?;
        Ok(Self { header, code: code.try_into().map_err(|_| MacError)? })
    }

    /// Whether it is the code that an HSM made, in constant time.
    pub fn is(&self, code: &Secret<Vec<u8>>) -> bool {
        code.ct_eq(self.code)
    }

    /// Which version of which key it was made under, as it says. Unverified.
    pub const fn header(&self) -> Header {
        self.header
    }
}

const FORMAT: u8 = 3;
const LABEL: &str = "strongroom/mac_v1";
const CODE_LENGTH: usize = 32;
