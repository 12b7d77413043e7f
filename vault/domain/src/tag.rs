//! Labels that group tokens.

use std::fmt;
use std::sync::Arc;

use crate::holds_card_number;

/// Why a text is no tag. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// Too long, or of other characters.
    #[error("a tag must be 1 to 32 characters of letters, digits and -_.:")]
    Form,
    /// It might be a card number.
    #[error("a tag must not hold what looks like a card number")]
    CardNumber,
}

/// A short label, readable and searchable: no secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(Arc<str>);

impl Tag {
    /// Most characters.
    pub const MAX_LENGTH: usize = 32;
    /// Most tags that one token has.
    pub const MOST_PER_TOKEN: usize = 16;

    /// Checks length and alphabet, and that it is no card number.
    pub fn parse(text: &str) -> Result<Self, TagError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
        if !(1..=Self::MAX_LENGTH).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(TagError::Form);
        }
        if holds_card_number(text) {
            return Err(TagError::CardNumber);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_short_and_no_card_numbers() {
        for fine in ["subscription", "Shop-7", "cohort:2026.11", "0000"] {
            assert_eq!(Tag::parse(fine).map(|tag| tag.to_string()), Ok(fine.to_owned()));
        }
        for refused in ["", "a b", "a/b", "ä", "a,b", &"a".repeat(33)] {
            assert_eq!(Tag::parse(refused), Err(TagError::Form), "{refused}");
        }
        for refused in ["4111111111111111", "x-4111-1111-1111-1111"] {
            assert_eq!(Tag::parse(refused), Err(TagError::CardNumber));
        }
    }
}
