//! Secret texts in bodies.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strongroom_domain::Secret;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A card number, a cardholder's name: a text in a body that nothing prints, copies or compares.
///
/// It is wiped when dropped. Reading it from anything but a string fails without repeating what was there; writing it
/// is what requests of the SDK and answers of the vault are for, and happens nowhere else.
pub struct SecretText(Secret<String>);

impl SecretText {
    /// Takes a text in.
    pub fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The text, still secret.
    pub fn secret(&self) -> &Secret<String> {
        &self.0
    }

    /// The text, still secret, for good.
    pub fn into_secret(self) -> Secret<String> {
        self.0
    }
}

impl From<Secret<String>> for SecretText {
    fn from(secret: Secret<String>) -> Self {
        Self(secret)
    }
}

impl Serialize for SecretText {
    #[expect(clippy::disallowed_methods, reason = "a body that carries the secret is being written")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not deserialize_string: the parser would refuse other types itself, and name the value.
        deserializer.deserialize_any(StringOnly(|text: Cow<'_, str>| Ok(Self::new(text.into_owned()))))
    }
}

impl ToSchema for SecretText {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("SecretText")
    }
}

impl PartialSchema for SecretText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .description(Some("A secret; keep it out of logs."))
            .into()
    }
}

/// Accepts a string and refuses everything else without naming it, whoever drives it. The string is handed on as it is,
/// where it is; what is said of one that will not do must not repeat it.
pub(crate) struct StringOnly<F>(pub(crate) F);

macro_rules! refuse {
    ($($method:ident: $type:ty,)+) => {
        $(fn $method<E: de::Error>(self, _: $type) -> Result<T, E> {
            Err(E::custom("must be a string"))
        })+
    };
}

impl<'de, T, F: FnOnce(Cow<'_, str>) -> Result<T, &'static str>> Visitor<'de> for StringOnly<F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(Cow::Borrowed(text)).map_err(E::custom)
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<T, E> {
        (self.0)(Cow::Owned(text)).map_err(E::custom)
    }

    refuse! {
        visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128, visit_f64: f64,
        visit_bytes: &[u8],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_the_parser_alone_does_not_repeat_what_was_there() {
        for body in [
            "4111111111111111",
            "-4111111111111111",
            "4111111111111111.0",
            "[4111111111111111]",
            "true",
            "null",
        ] {
            let refusal = serde_json::from_str::<SecretText>(body).err().unwrap().to_string();
            assert!(!refusal.contains("4111") && !refusal.contains("true"), "{refusal}");
        }
    }

    #[test]
    fn survives_a_body() {
        let text = serde_json::from_str::<SecretText>(r#""4111 \u0031111""#).unwrap();
        assert!(text.secret().ct_eq(b"4111 1111"));
        assert_eq!(serde_json::to_string(&text).unwrap(), r#""4111 1111""#);
    }
}
