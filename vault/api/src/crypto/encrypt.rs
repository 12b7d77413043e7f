//! `POST /v1/keys/{key}/encrypt`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ContextInput;
use crate::{Binary, CryptoItem, Problem, SecretBytes};

/// A field to be protected.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EncryptItem {
    /// The field's value.
    pub plaintext: SecretBytes,
    /// The place it belongs to.
    #[serde(default)]
    pub context: ContextInput,
}

impl CryptoItem for EncryptItem {
    const NAMES: &'static [&'static str] = &["items", "plaintext", "context"];
}

/// A protected field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EncryptedField {
    /// What to store in place of the value.
    pub ciphertext: Binary,
    /// The version of the key that protects it.
    pub key_version: u32,
}

/// What became of one item of encrypting or re-encrypting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EncryptedItem {
    /// 200, or the status of the problem.
    pub status: u16,
    /// What to store in place of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ciphertext: Option<Binary>,
    /// The version of the key that protects it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<u32>,
    /// What was wrong, if it is not protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl EncryptedItem {
    /// It is protected.
    pub fn done(field: EncryptedField) -> Self {
        Self {
            status: 200,
            ciphertext: Some(field.ciphertext),
            key_version: Some(field.key_version),
            error: None,
        }
    }

    /// It was refused.
    pub const fn refused(problem: Problem) -> Self {
        Self { status: problem.status, ciphertext: None, key_version: None, error: Some(problem) }
    }
}
