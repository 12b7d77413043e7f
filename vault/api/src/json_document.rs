//! A JSON document inside a body, byte for byte as it stands there.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use strongroom_domain::Secret;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType};
use utoipa::{PartialSchema, ToSchema};
use zeroize::Zeroize;

use crate::json::is_within_depth;

/// A document of the caller's: any JSON. It may hold secrets, so nothing prints it, and it is wiped when dropped.
pub struct JsonDocument(Secret<String>);

impl JsonDocument {
    /// Takes a text in that is JSON.
    pub const fn from_json(text: Secret<String>) -> Self {
        Self(text)
    }

    /// The text, still secret.
    pub const fn secret(&self) -> &Secret<String> {
        &self.0
    }

    /// The text, still secret, for good.
    pub fn into_secret(self) -> Secret<String> {
        self.0
    }
}

impl Serialize for JsonDocument {
    #[expect(clippy::disallowed_methods, reason = "a body that carries the document is being written")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.0.expose())
            .map_err(|_| serde::ser::Error::custom("a document that is no JSON"))?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let mut text: Box<str> = raw.into();
        if is_within_depth(text.as_bytes()) {
            Ok(Self(Secret::new(text.into_string())))
        } else {
            text.zeroize();
            Err(de::Error::custom("nests too deep"))
        }
    }
}

impl ToSchema for JsonDocument {
    fn name() -> std::borrow::Cow<'static, str> {
        "JsonDocument".into()
    }
}

impl PartialSchema for JsonDocument {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .description(Some("Any JSON. What is not asked for keeps its bytes."))
            .into()
    }
}
