use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strongroom_domain::Context;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The place a ciphertext belongs to, as names and values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextInput(pub Context);

impl Serialize for ContextInput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.pairs())
    }
}

impl<'de> Deserialize<'de> for ContextInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = deserializer.deserialize_map(PairsVisitor)?;
        Context::from_pairs(pairs).map(Self).map_err(D::Error::custom)
    }
}

/// Reads the pairs as they come: a map's nodes would cost more than the few pairs in them.
struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Vec<(String, String)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = access.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

impl ToSchema for ContextInput {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Context")
    }
}

impl PartialSchema for ContextInput {
    fn schema() -> RefOr<Schema> {
        let value = ObjectBuilder::new().schema_type(Type::String).max_length(Some(256)).build();
        let name =
            ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9._-]{1,64}$")).build();
        ObjectBuilder::new()
            .additional_properties(Some(RefOr::T(Schema::Object(value))))
            .property_names(Some(Schema::Object(name)))
            .max_properties(Some(16))
            .description(Some(
                "What the ciphertext is bound to, such as record and field. Not stored: decrypting takes the same again.",
            ))
            .into()
    }
}
