#![doc = include_str!("SPEC.md")]

mod pointer;
mod select;
#[cfg(test)]
mod tests;

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use pointer::FieldPath;
pub use select::select;

use crate::Injective;

/// Why a document was refused. None of the texts repeats what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not a JSON Pointer, or the empty one.
    #[error(
        "fields/{0}: must be a JSON Pointer such as /customer/name; a segment that is * means all of them"
    )]
    Field(usize),
    /// Nothing is there.
    #[error("fields/{0}: leads to nothing in the document")]
    Missing(usize),
    /// Another field leads there too, or into it.
    #[error("fields/{0}: leads where another field leads, or into it")]
    Overlap(usize),
    /// It cannot be said which of the two is meant.
    #[error("document: an object on the way to a field has two members of one name")]
    Duplicate,
    /// Too many values.
    #[error("document: the fields lead to more than 1000 values")]
    TooMany,
    /// Encrypted already.
    #[error("fields/{0}: is encrypted already")]
    Encrypted(usize),
    /// Not encrypted, or not by this vault.
    #[error("fields/{0}: is not what encrypting left there")]
    NotEncrypted(usize),
    /// Not JSON.
    #[error("document: must be valid JSON")]
    NotJson,
}

/// One value that a field leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Which field led here.
    pub field: usize,
    /// The value's own pointer.
    pub pointer: String,
    /// Where it stands in the document.
    pub span: Range<usize>,
}

impl Selected {
    /// The bytes of the value.
    pub fn of<'d>(&self, document: &'d str) -> &'d str {
        document.get(self.span.clone()).unwrap_or_default()
    }

    /// The value, to be encrypted.
    pub fn plaintext<'d>(&self, document: &'d str) -> Result<&'d str, DocumentError> {
        let value = self.of(document);
        let text = value.strip_prefix('"').unwrap_or_default();
        if text.starts_with(PREFIX) { Err(DocumentError::Encrypted(self.field)) } else { Ok(value) }
    }

    /// What encrypting left there.
    pub fn ciphertext(&self, document: &str) -> Result<Vec<u8>, DocumentError> {
        let text = self.of(document).strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        text.and_then(|text| text.strip_prefix(PREFIX))
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .ok_or(DocumentError::NotEncrypted(self.field))
    }

    /// What the value is bound to.
    pub fn place(&self, of_key: &[u8]) -> Vec<u8> {
        Injective::new(LABEL).part(of_key).part(self.pointer.as_bytes()).finish()
    }
}

/// What stands in the place of a value: a JSON string.
pub fn in_place(ciphertext: &[u8]) -> String {
    format!("\"{PREFIX}{}\"", URL_SAFE_NO_PAD.encode(ciphertext))
}

/// The document with the values replaced, each by the one of the same index.
pub fn replaced(document: &str, selected: &[Selected], by: &[&str]) -> String {
    let mut places: Vec<_> = selected.iter().map(|one| one.span.clone()).zip(by).collect();
    places.sort_by_key(|(span, _)| span.start);
    // Allocated once and full size: growing would leave a copy behind.
    let longest = by.iter().fold(document.len(), |sum, value| sum.saturating_add(value.len()));
    let mut result = String::with_capacity(longest);
    let mut from = 0;
    for (span, value) in places {
        result.push_str(document.get(from..span.start).unwrap_or_default());
        result.push_str(value);
        from = span.end;
    }
    result.push_str(document.get(from..).unwrap_or_default());
    result
}

const PREFIX: &str = "strongroom.1.";
const LABEL: &str = "strongroom/document_v1";
const MOST_VALUES: usize = 1000;
