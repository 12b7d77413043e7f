//! What a caller holds in place of a value.

use std::fmt;

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token: expected tok_ and 32 characters, or 12 to 19 digits")]
pub struct TokenError;

/// A token by its outward shape: opaque (`tok_…`, the format `token_v1`) or card-shaped (digits, the format
/// `pan_token_v1`). Its checksum is the format's to check. Not secret, yet kept out of logs and URLs that are logged.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(Box<str>);

impl Token {
    /// What every opaque token begins with.
    pub const OPAQUE_PREFIX: &'static str = "tok_";
    /// Characters after the prefix: 130 random bits, 30 bits of checksum.
    pub const OPAQUE_BODY_LENGTH: usize = 32;

    /// Checks the shape.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let opaque = text.strip_prefix(Self::OPAQUE_PREFIX).is_some_and(|body| {
            body.len() == Self::OPAQUE_BODY_LENGTH
                && body.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        let card_shaped = (12..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if opaque || card_shaped { Ok(Self(text.into())) } else { Err(TokenError) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How it is shown where it is not known to be a token: people paste card numbers where tokens belong, so digits
    /// are masked as those of a card number are.
    pub fn masked(&self) -> String {
        let digits = self.0.as_bytes();
        match (digits.split_first_chunk::<6>(), digits.split_last_chunk::<4>()) {
            (Some((first, _)), Some((_, last))) if !self.is_opaque() => {
                let hidden = "*".repeat(digits.len().saturating_sub(10));
                format!("{}{hidden}{}", String::from_utf8_lossy(first), String::from_utf8_lossy(last))
            }
            _ => self.0.to_string(),
        }
    }

    /// Whether it has the opaque shape; otherwise it is card-shaped.
    pub fn is_opaque(&self) -> bool {
        self.0.starts_with(Self::OPAQUE_PREFIX)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_opaque() { "Token(opaque)" } else { "Token(card-shaped)" })
    }
}

/// Where a token is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// Usable until it expires.
    Active,
    /// A single-use token that was revealed; its value is gone.
    Used,
    /// Deleted by its owner; its value is gone, the row stays as a tombstone.
    Deleted,
}

impl TokenState {
    /// The name in tables and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Used => "used",
            Self::Deleted => "deleted",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Active, Self::Used, Self::Deleted].into_iter().find(|state| state.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_card_number_is_masked() {
        let masked = |text: &str| Token::parse(text).map(|token| token.masked());
        assert_eq!(masked("4111111111111111"), Ok("411111******1111".to_owned()));
        assert_eq!(masked("411111111111"), Ok("411111**1111".to_owned()));
        let opaque = "tok_x7brvvy3p4vfq9035rbhxs53rvp5k8yn";
        assert_eq!(masked(opaque), Ok(opaque.to_owned()));
    }
}
