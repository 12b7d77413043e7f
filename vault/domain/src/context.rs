//! The place a ciphertext belongs to.

use std::collections::BTreeMap;

/// Why a context was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// Too many pairs.
    #[error("a context has at most 16 pairs")]
    TooMany,
    /// A name is empty, too long or has other characters.
    #[error("a context name must be 1 to 64 characters of letters, digits, -, _ and .")]
    Name,
    /// A value is too long.
    #[error("a context value has at most 256 bytes")]
    Value,
}

/// What a ciphertext is bound to beside its tenant and key: record, field and whatever else the caller names. Part of
/// the authenticated data and never stored, so it must be given again to decrypt. Not secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(Vec<(String, String)>);

impl Context {
    /// Checks the number and the shape of the pairs.
    pub fn new(pairs: BTreeMap<String, String>) -> Result<Self, ContextError> {
        Self::from_pairs(pairs.into_iter().collect())
    }

    /// As [`Context::new`], of pairs in any order. Of two with one name the later counts, as in a map.
    pub fn from_pairs(mut pairs: Vec<(String, String)>) -> Result<Self, ContextError> {
        pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
        pairs.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        if pairs.len() > 16 {
            return Err(ContextError::TooMany);
        }
        for (name, value) in &pairs {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
                return Err(ContextError::Name);
            }
            if value.len() > 256 {
                return Err(ContextError::Value);
            }
        }
        Ok(Self(pairs))
    }

    /// The pairs in the order of their names.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
