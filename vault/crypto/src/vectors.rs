//! Reads the vectors.json of the formats, for their tests.

use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error};
use strongroom_domain::Secret;

use crate::KeyMaterial;

/// Bytes written as lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl Hex {
    /// The bytes, exactly so many.
    pub(crate) fn array<const LENGTH: usize>(&self) -> [u8; LENGTH] {
        self.0.as_slice().try_into().unwrap()
    }

    /// The bytes as the material of a key version.
    pub(crate) fn material(&self) -> KeyMaterial {
        KeyMaterial::from_secret(Secret::new(self.0.clone())).unwrap()
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        HEXLOWER.decode(text.as_bytes()).map(Self).map_err(D::Error::custom)
    }
}

/// Reads a file of vectors.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}
