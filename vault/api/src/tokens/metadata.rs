use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::json::{SECURITY_CODE_DETAIL, is_security_code_name};
use crate::limits::{MAX_METADATA_NAME, MAX_METADATA_PAIRS, MAX_METADATA_VALUE};

/// What a caller stores with a token to recognise it by: at most 16 pairs of texts. Shown with the token, so it is no
/// place for secrets; it has no `Debug` of its contents all the same.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Checks number and length, and that no pair is named like a card's security code.
    pub fn new(pairs: BTreeMap<String, String>) -> Result<Self, &'static str> {
        if pairs.len() > MAX_METADATA_PAIRS {
            return Err("metadata has at most 16 pairs");
        }
        for (name, value) in &pairs {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            if !(1..=MAX_METADATA_NAME).contains(&name.len()) || !name.bytes().all(plain) {
                return Err("a name in metadata must be 1 to 64 characters of letters, digits, -, _ and .");
            }
            if value.len() > MAX_METADATA_VALUE || value.chars().any(char::is_control) {
                return Err("a value in metadata has at most 256 bytes and no control characters");
            }
            if is_security_code_name(name) {
                return Err(SECURITY_CODE_DETAIL);
            }
        }
        Ok(Self(pairs))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs in the order of their names.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The pairs.
    pub fn into_pairs(self) -> BTreeMap<String, String> {
        self.0
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Metadata({} pairs)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(BTreeMap::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl ToSchema for Metadata {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Metadata")
    }
}

impl PartialSchema for Metadata {
    fn schema() -> RefOr<Schema> {
        let value =
            ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_METADATA_VALUE)).build();
        let name =
            ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9._-]{1,64}$")).build();
        ObjectBuilder::new()
            .additional_properties(Some(RefOr::T(Schema::Object(value))))
            .property_names(Some(Schema::Object(name)))
            .max_properties(Some(MAX_METADATA_PAIRS))
            .description(Some(
                "What the caller stores with a token to recognise it by. No place for secrets.",
            ))
            .into()
    }
}
