//! What callers want to find again beside a token. Sealed like a value; readable with less right than one.

use std::collections::BTreeMap;

use strongroom_crypto::fields_v1;
use strongroom_domain::{Secret, holds_card_number};

use crate::VaultError;

/// The caller's pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Checks number and size, and that no card number hides in it.
    pub fn new(pairs: BTreeMap<String, String>) -> Result<Self, VaultError> {
        if pairs.len() > 16 {
            return Err(VaultError::Invalid("metadata has at most 16 pairs"));
        }
        for (name, value) in &pairs {
            if !(1..=64).contains(&name.len()) || name.chars().any(char::is_control) {
                return Err(VaultError::Invalid(
                    "a metadata name must be 1 to 64 bytes without control characters",
                ));
            }
            if value.len() > 256 {
                return Err(VaultError::Invalid("a metadata value has at most 256 bytes"));
            }
            if holds_card_number(name) || holds_card_number(value) {
                return Err(VaultError::CardNumberInMetadata);
            }
        }
        Ok(Self(pairs))
    }

    /// The pairs.
    pub const fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    pub(super) fn encode(&self) -> Result<Secret<Vec<u8>>, VaultError> {
        let fields: Vec<_> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        fields_v1::encode(&fields).map_err(|_| VaultError::Internal("metadata could not be encoded"))
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let fields = fields_v1::decode(bytes).map_err(|_| VaultError::IntegrityFailure)?;
        let pair = |(name, value): (&str, &[u8])| {
            let value = std::str::from_utf8(value).map_err(|_| VaultError::IntegrityFailure)?;
            Ok((name.to_owned(), value.to_owned()))
        };
        fields.into_iter().map(pair).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(value: &str) -> Result<Metadata, VaultError> {
        Metadata::new([("note".to_owned(), value.to_owned())].into())
    }

    #[test]
    fn finds_card_numbers() {
        for value in [
            "4111111111111111",
            "card 4111-1111-1111-1111!",
            "x378282246310005y",
            "4111 1111 1111 1111 12/30",
        ] {
            assert_eq!(metadata(value), Err(VaultError::CardNumberInMetadata));
        }
        for value in ["order 42", "2026-11-22 10:00:00", "4111111111111112", "411111******1111", ""] {
            assert!(metadata(value).is_ok());
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test reads back made-up metadata")]
    fn survives_its_encoding() {
        let metadata = metadata("order 42").unwrap();
        let encoded = metadata.encode().unwrap();
        assert_eq!(Metadata::decode(encoded.expose()), Ok(metadata));
    }
}
