//! Bytes in bodies: base64 with the standard alphabet and padding (RFC 4648, section 4).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strongroom_domain::Secret;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use zeroize::{Zeroize, Zeroizing};

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
        encode(self.0.expose(), serializer)
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
        encode(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode(deserializer).map(Self)
    }
}

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    deserializer.deserialize_any(StringOnly(|text: Cow<'_, str>| match text {
        Cow::Borrowed(text) => decode_text(text),
        Cow::Owned(text) => decode_text(&Zeroizing::new(text)),
    }))
}

/// From the text where it stands, into a buffer of full size: one that grew would leave a copy behind.
fn decode_text(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
    let length = STANDARD.decode_slice(text.as_bytes(), &mut bytes).map_err(|_| NOT_BASE64)?;
    bytes.truncate(length);
    Ok(std::mem::take(&mut *bytes))
}

/// Short bytes are encoded on the stack. They are wiped there whether they are secret or not.
fn encode<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let mut room = [0; 512];
    let written = STANDARD.encode_slice(bytes, &mut room).ok();
    let text = written.and_then(|length| std::str::from_utf8(room.get(..length)?).ok());
    let done = match text {
        Some(text) => serializer.serialize_str(text),
        None => serializer.serialize_str(&Zeroizing::new(STANDARD.encode(bytes))),
    };
    room.as_mut_slice().zeroize();
    done
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
