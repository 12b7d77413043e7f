use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::limits::MAX_REASON;

/// Why an identity is known or a grant was given, for those who review them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason(String);

impl Reason {
    /// Checks the length and refuses control characters, which could forge a line of a report.
    pub fn parse(text: String) -> Result<Self, &'static str> {
        let length = text.chars().count();
        let is_fine = (1..=MAX_REASON).contains(&length) && !text.chars().any(char::is_control);
        if is_fine && !text.trim().is_empty() {
            Ok(Self(text))
        } else {
            Err("a reason must be 1 to 256 characters without control characters, and not blank")
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, for good.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl ToSchema for Reason {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Reason")
    }
}

impl PartialSchema for Reason {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX_REASON))
            .description(Some("Why, for those who review it later."))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_a_reviewer_could_not_read() {
        for refused in ["", "   ", "a\nb", &"x".repeat(257)] {
            assert!(Reason::parse(refused.to_owned()).is_err());
        }
        assert!(Reason::parse("ä".repeat(256)).is_ok());
    }
}
