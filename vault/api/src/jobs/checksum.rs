use std::borrow::Cow;
use std::fmt;

use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::{InText, Text};

/// A checksum over rows as text.
pub type ChecksumText = Text<Checksum>;

/// The 32 bytes of a checksum over rows (`row_checksum_v1`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Checksum(pub [u8; 32]);

impl fmt::Display for Checksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl InText for Checksum {
    const NAME: &'static str = "Checksum";

    fn read(text: &str) -> Result<Self, String> {
        let refused = || "must be 64 hexadecimal digits in lower case".to_owned();
        if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(refused());
        }
        let mut bytes = [0; 32];
        for (to, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| refused())?;
            *to = u8::from_str_radix(digits, 16).map_err(|_| refused())?;
        }
        Ok(Self(bytes))
    }

    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A checksum over rows (row_checksum_v1): 64 hexadecimal digits."))
            .pattern(Some("^[0-9a-f]{64}$"))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_a_body() {
        let body = format!("\"{}\"", "0f".repeat(32));
        let checksum: ChecksumText = serde_json::from_str(&body).unwrap();
        assert_eq!(checksum.0, Checksum([15; 32]));
        assert_eq!(serde_json::to_string(&checksum).unwrap(), body);
        for refused in ["\"\"".to_owned(), body.to_uppercase(), body.replace("0f", "+f")] {
            assert!(serde_json::from_str::<ChecksumText>(&refused).is_err(), "{refused}");
        }
    }
}
