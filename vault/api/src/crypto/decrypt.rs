//! `POST /v1/keys/{key}/decrypt`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ContextInput;
use crate::{Binary, CryptoItem, KeyVersionNumber, Problem, SecretBytes};

/// A protected field to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecryptItem {
    /// What was stored in place of the value.
    pub ciphertext: Binary,
    /// The version of the key that protected it: needed with a key for format-preserving encryption, whose ciphertexts do
    /// not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<KeyVersionNumber>,
    /// The place it belongs to, as it was when the field was protected.
    #[serde(default)]
    pub context: ContextInput,
}

impl CryptoItem for DecryptItem {
    const NAMES: &'static [&'static str] = &["items", "ciphertext", "key_version", "context"];
}

/// A field that was read.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DecryptedField {
    /// The field's value.
    pub plaintext: SecretBytes,
    /// The version of the key that protected it.
    pub key_version: u32,
}

/// What became of one item.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DecryptedItem {
    /// 200, or the status of the problem.
    pub status: u16,
    /// The field's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plaintext: Option<SecretBytes>,
    /// The version of the key that protected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<u32>,
    /// What was wrong, if the value is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl DecryptedItem {
    /// The value is here.
    pub fn done(field: DecryptedField) -> Self {
        Self {
            status: 200,
            plaintext: Some(field.plaintext),
            key_version: Some(field.key_version),
            error: None,
        }
    }

    /// It was refused.
    pub const fn refused(problem: Problem) -> Self {
        Self { status: problem.status, plaintext: None, key_version: None, error: Some(problem) }
    }
}
