use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strongroom_domain::KeyVersion;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A version of a key: a whole number from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyVersionNumber(pub KeyVersion);

impl Serialize for KeyVersionNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0.get())
    }
}

impl<'de> Deserialize<'de> for KeyVersionNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        KeyVersion::new(number)
            .map(Self)
            .ok_or_else(|| de::Error::custom("a key version is a whole number from 1"))
    }
}

impl ToSchema for KeyVersionNumber {
    fn name() -> std::borrow::Cow<'static, str> {
        "KeyVersionNumber".into()
    }
}

impl PartialSchema for KeyVersionNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .description(Some("A version of a key."))
            .into()
    }
}
