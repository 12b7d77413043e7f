//! The error type that visitors of requests run with: it knows what was expected and forgets what was found.

use std::fmt;

use serde::de;

use crate::ErrorCode;

/// What is said to a security code, wherever it turns up.
pub(crate) const SECURITY_CODE_DETAIL: &str = "PINs and track data may not be stored (PCI DSS 3.3.1), nor security codes with a card: a token is made with \
     security_code beside the card, which is kept for minutes";

/// Whether this is what integrators call a card's security code, PIN or track data, however they spell it.
pub(crate) fn is_security_code_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    matches!(
        plain.as_str(),
        "cvc"
            | "cvc2"
            | "cvv"
            | "cvv2"
            | "cid"
            | "csc"
            | "cvn"
            | "cav2"
            | "securitycode"
            | "cardsecuritycode"
            | "verificationcode"
            | "verificationvalue"
            | "pin"
            | "pinblock"
            | "track1"
            | "track2"
            | "trackdata"
            | "track1data"
            | "track2data"
    )
}

/// Why a value was refused.
pub(super) struct Fault {
    pub(super) code: ErrorCode,
    pub(super) text: String,
}

impl Fault {
    pub(super) fn invalid(text: impl Into<String>) -> Self {
        Self { code: ErrorCode::InvalidRequest, text: text.into() }
    }

    fn must_be(expected: &dyn de::Expected) -> Self {
        Self::invalid(format!("must be {}", in_words(&expected.to_string())))
    }
}

impl de::Error for Fault {
    /// Texts written in this crate and in the domain, which repeat no value.
    fn custom<T: fmt::Display>(text: T) -> Self {
        let text = text.to_string();
        let code = match text.as_str() {
            SECURITY_CODE_DETAIL => ErrorCode::SecurityCodeNotAllowed,
            _ => ErrorCode::InvalidRequest,
        };
        Self { code, text }
    }

    fn invalid_type(_found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::must_be(expected)
    }

    fn invalid_value(_found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::must_be(expected)
    }

    fn invalid_length(_found: usize, expected: &dyn de::Expected) -> Self {
        Self::must_be(expected)
    }

    fn unknown_variant(_found: &str, expected: &'static [&'static str]) -> Self {
        Self::invalid(format!("must be one of: {}", expected.join(", ")))
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        // Objects that carry a card are known by what they allow.
        let of_a_card = expected.contains(&"card") || expected.contains(&"number");
        if of_a_card && is_security_code_name(found) {
            return Self::custom(SECURITY_CODE_DETAIL);
        }
        Self::invalid(format!("unknown name; allowed are: {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::invalid(format!("{field} is required"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::invalid(format!("{field} is there twice"))
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fault({}: {})", self.code, self.text)
    }
}

/// What serde's visitors say they expect, for people who do not write Rust.
fn in_words(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" => "a whole number from 0 to 18446744073709551615",
        "a boolean" => "true or false",
        "a sequence" => "an array",
        "a map" => "an object",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_security_codes_as_they_are_spelt() {
        for name in [
            "cvc",
            "CVV2",
            "security_code",
            "securityCode",
            "card-security-code",
            "track2",
            "PIN",
            "pin_block",
        ] {
            assert!(is_security_code_name(name), "{name}");
        }
        for name in ["number", "opinion", "pinned", "order", "racktrack", "holder"] {
            assert!(!is_security_code_name(name), "{name}");
        }
    }
}
