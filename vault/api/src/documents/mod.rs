//! `POST /v1/documents/encrypt`, `…/decrypt` and `…/reencrypt`.

mod fields;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use fields::{Field, Fields};

use crate::crypto::ContextInput;
use crate::{JsonDocument, KeyNameText};

/// A document, and which of its fields to protect, to read or to protect anew: all of them or none.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentInput {
    /// The key, for field encryption or deterministic encryption.
    pub key: KeyNameText,
    /// The fields, as JSON Pointers; a segment that is `*` means every element or member.
    pub fields: Fields,
    /// What the fields are bound to, beside their places in the document.
    #[serde(default)]
    pub context: ContextInput,
    /// The document.
    pub document: JsonDocument,
}

/// A document with its fields protected.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ProtectedDocument {
    /// The document, each of its fields replaced by a string.
    pub document: JsonDocument,
    /// How many values were protected.
    pub values: usize,
    /// The version of the key that protects them.
    pub key_version: u32,
}

/// A document with its fields as they were.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ReadDocument {
    /// The document.
    pub document: JsonDocument,
    /// How many values were read.
    pub values: usize,
}
