//! Texts of which nothing is known but that they are secret.

use zeroize::Zeroize;

use crate::Secret;

/// The text is too short or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text has 1 to 4096 bytes")]
pub struct FreeTextError;

/// A text. Secret.
pub struct FreeText(Secret<String>);

impl FreeText {
    /// The longest, in bytes.
    pub const LONGEST: usize = 4096;

    /// Checks the length.
    pub fn parse(mut text: String) -> Result<Self, FreeTextError> {
        if (1..=Self::LONGEST).contains(&text.len()) {
            return Ok(Self(Secret::new(text)));
        }
        text.zeroize();
        Err(FreeTextError)
    }

    /// The text, still secret.
    pub const fn secret(&self) -> &Secret<String> {
        &self.0
    }
}
