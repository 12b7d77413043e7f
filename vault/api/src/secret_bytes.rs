//! Bytes in bodies: base64 with the standard alphabet and padding (RFC 4648, section 4).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strongroom_domain::Secret;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use zeroize::Zeroizing;

use crate::secret_text::StringOnly;

const NOT_BASE64: &str = "must be base64 with the standard alphabet and padding";

/// A plaintext: bytes that nothing prints, copies or compares, wiped when dropped.
pub struct SecretBytes(Secret<Vec<u8>>);

impl SecretBytes {
    /// Takes bytes in.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Secret::new(bytes))
    }

    /// The bytes, still secret.
    pub fn secret(&self) -> &Secret<Vec<u8>> {
        &self.0
    }

    /// The bytes, still secret, for good.
    pub fn into_secret(self) -> Secret<Vec<u8>> {
        self.0
    }
}

impl From<Secret<Vec<u8>>> for SecretBytes {
    fn from(secret: Secret<Vec<u8>>) -> Self {
        Self(secret)
    }
}

impl Serialize for SecretBytes {
    #[expect(clippy::disallowed_methods, reason = "a body that carries the secret is being written")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(STANDARD.encode(self.0.expose())))
    }
}

impl<'de> Deserialize<'de> for SecretBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode(deserializer).map(Self::new)
    }
}

/// A ciphertext: bytes that anybody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary(pub Vec<u8>);

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode(deserializer).map(Self)
    }
}

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = deserializer.deserialize_any(StringOnly(Zeroizing::new))?;
    // Into a buffer of full size: one that grew would leave a copy behind.
    let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
    let length =
        STANDARD.decode_slice(text.as_bytes(), &mut bytes).map_err(|_| D::Error::custom(NOT_BASE64))?;
    Ok(bytes.get(..length).unwrap_or_default().to_vec())
}

impl ToSchema for SecretBytes {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("SecretBytes")
    }
}

impl PartialSchema for SecretBytes {
    fn schema() -> RefOr<Schema> {
        base64_schema("Secret bytes in base64; keep them out of logs.")
    }
}

impl ToSchema for Binary {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Binary")
    }
}

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        base64_schema("Bytes in base64: standard alphabet, with padding (RFC 4648, section 4).")
    }
}

fn base64_schema(description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .content_encoding("base64")
        .description(Some(description))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_a_body() {
        for bytes in [&b""[..], b"\0", b"\xff\xfe", b"abc", &[7; 1000]] {
            let body = serde_json::to_string(&SecretBytes::new(bytes.to_vec())).unwrap();
            assert!(serde_json::from_str::<SecretBytes>(&body).unwrap().secret().ct_eq(bytes));
            assert_eq!(serde_json::from_str::<Binary>(&body).unwrap().0, bytes);
        }
    }

    #[test]
    fn refuses_other_alphabets_and_missing_padding() {
        for body in [r#""_-8=""#, r#""YQ""#, r#""Y Q==""#, r#""YR==""#, "5"] {
            let refusal = serde_json::from_str::<Binary>(body).unwrap_err().to_string();
            assert!(refusal.starts_with("must be"), "{refusal}");
        }
    }
}
