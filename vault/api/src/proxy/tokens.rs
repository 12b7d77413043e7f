use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::limits::MAX_FORWARD_TOKENS;
use crate::tokens::PresentedToken;

/// Tokens by the names that placeholders call them.
#[derive(Serialize)]
pub struct TokensByName(BTreeMap<String, PresentedToken>);

impl TokensByName {
    /// Checks number and names.
    pub fn new(tokens: BTreeMap<String, PresentedToken>) -> Result<Self, &'static str> {
        if !(1..=MAX_FORWARD_TOKENS).contains(&tokens.len()) {
            return Err("tokens must be 1 to 16");
        }
        if tokens.keys().all(|name| is_name(name)) {
            Ok(Self(tokens))
        } else {
            Err("a token's name must be 1 to 32 characters of a-z, 0-9, _ and -, and begin with a letter")
        }
    }

    /// The pairs in the order of their names.
    pub fn into_pairs(self) -> impl Iterator<Item = (String, PresentedToken)> {
        self.0.into_iter()
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    begins && name.len() <= 32 && name.bytes().all(plain)
}

impl<'de> Deserialize<'de> for TokensByName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(BTreeMap::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl ToSchema for TokensByName {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TokensByName")
    }
}

impl PartialSchema for TokensByName {
    fn schema() -> RefOr<Schema> {
        let token = ObjectBuilder::new().schema_type(Type::String).build();
        let name =
            ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[a-z][a-z0-9_-]{0,31}$")).build();
        ObjectBuilder::new()
            .additional_properties(Some(RefOr::T(Schema::Object(token))))
            .property_names(Some(Schema::Object(name)))
            .min_properties(Some(1))
            .max_properties(Some(MAX_FORWARD_TOKENS))
            .description(Some("Tokens by the names that placeholders call them."))
            .into()
    }
}
