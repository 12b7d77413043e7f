//! Other names of a token: the caller's own for it, or the token it had in the vault of a former vendor.

use std::fmt;
use std::sync::Arc;

use crate::{Token, holds_card_number};

/// Why a text is no alias. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// Too long, or of other characters.
    #[error("an alias must be 1 to 128 characters of letters, digits and -_.:/")]
    Form,
    /// It reads like a path, and something on its way might read it so.
    #[error("an alias has no empty part and no . or .. between slashes")]
    Parts,
    /// It might be one of the vault's own tokens.
    #[error(
        "an alias must not look like a token of this vault (tok_ and 32 characters, or 12 to 19 digits): \
         put a name in front, such as oldvendor:"
    )]
    LooksLikeToken,
    /// It might be a card number.
    #[error("an alias must not hold what looks like a card number")]
    CardNumber,
}

/// A name of a token that somebody else chose: unique in the tenant, readable, no secret.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Alias(Arc<str>);

impl Alias {
    /// Most characters.
    pub const MAX_LENGTH: usize = 128;
    /// Most aliases that one token has.
    pub const MOST_PER_TOKEN: usize = 8;
    /// What stands before an alias wherever a token may stand. No token has a colon.
    pub const MARK: &'static str = "alias:";

    /// Checks length, alphabet, and what it must not be taken for.
    pub fn parse(text: &str) -> Result<Self, AliasError> {
        let allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/');
        if !(1..=Self::MAX_LENGTH).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(AliasError::Form);
        }
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(AliasError::Parts);
        }
        if holds_card_number(text) {
            return Err(AliasError::CardNumber);
        }
        if Token::parse(text).is_ok() {
            return Err(AliasError::LooksLikeToken);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Says nothing of it: like a token, it stays out of logs.
impl fmt::Debug for Alias {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Alias(…)")
    }
}

/// Neither a token nor an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token: expected tok_ and 32 characters, 12 to 19 digits, or alias: and an alias")]
pub struct TokenReferenceError;

/// What a caller names a token by: the token itself, or `alias:` and one of its aliases.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenReference {
    /// The token itself.
    Token(Token),
    /// One of its aliases.
    Alias(Alias),
}

impl TokenReference {
    /// Reads either.
    pub fn parse(text: &str) -> Result<Self, TokenReferenceError> {
        match text.strip_prefix(Alias::MARK) {
            Some(alias) => Alias::parse(alias).map(Self::Alias).map_err(|_| TokenReferenceError),
            None => Token::parse(text).map(Self::Token).map_err(|_| TokenReferenceError),
        }
    }
}

impl fmt::Display for TokenReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(token) => token.fmt(formatter),
            Self::Alias(alias) => write!(formatter, "{}{alias}", Alias::MARK),
        }
    }
}

impl From<&Token> for TokenReference {
    fn from(token: &Token) -> Self {
        Self::Token(token.clone())
    }
}

impl From<&Self> for TokenReference {
    fn from(reference: &Self) -> Self {
        reference.clone()
    }
}

impl From<Token> for TokenReference {
    fn from(token: Token) -> Self {
        Self::Token(token)
    }
}

impl From<Alias> for TokenReference {
    fn from(alias: Alias) -> Self {
        Self::Alias(alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_cannot_be_taken_for_anything_else() {
        for fine in ["customer-42/card-1", "card_1NvTokenOfTheirs", "oldvendor:9876543210000000", "a", "v1.2"]
        {
            assert_eq!(Alias::parse(fine).map(|alias| alias.to_string()), Ok(fine.to_owned()));
        }
        let long = "a".repeat(129);
        for (refused, reason) in [
            ("", AliasError::Form),
            ("a b", AliasError::Form),
            ("a%2fb", AliasError::Form),
            ("käse", AliasError::Form),
            ("a\nb", AliasError::Form),
            (long.as_str(), AliasError::Form),
            ("a//b", AliasError::Parts),
            ("/a", AliasError::Parts),
            ("a/../b", AliasError::Parts),
            (".", AliasError::Parts),
            ("4111111111111111", AliasError::CardNumber),
            ("card/4111-1111-1111-1111", AliasError::CardNumber),
            ("9876543210000000", AliasError::LooksLikeToken),
            ("tok_x7brvvy3p4vfq9035rbhxs53rvp5k8yn", AliasError::LooksLikeToken),
        ] {
            assert_eq!(Alias::parse(refused).err(), Some(reason), "{refused}");
        }
    }

    #[test]
    fn a_reference_says_which_it_is() {
        let token = "tok_x7brvvy3p4vfq9035rbhxs53rvp5k8yn";
        assert!(matches!(TokenReference::parse(token), Ok(TokenReference::Token(_))));
        assert!(matches!(TokenReference::parse("alias:a/b"), Ok(TokenReference::Alias(_))));
        for text in [token, "alias:a/b", "9876543210000000"] {
            assert_eq!(TokenReference::parse(text).map(|one| one.to_string()), Ok(text.to_owned()));
        }
        for refused in ["a/b", "alias:", "Alias:a", "alias:4111111111111111", &format!("alias:{token}"), ""] {
            assert_eq!(TokenReference::parse(refused), Err(TokenReferenceError), "{refused}");
        }
    }

    #[test]
    fn debug_keeps_it_to_itself() {
        assert_eq!(format!("{:?}", TokenReference::parse("alias:a/b")), "Ok(Alias(Alias(…)))");
    }
}
