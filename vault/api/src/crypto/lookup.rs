//! `POST /v1/keys/{key}/lookup`. Takes what encrypting takes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::EncryptedField;
use crate::Problem;

/// What a value is stored as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoredAs {
    /// Its ciphertext under each version of the key that can still be read, newest first. Look for any of them.
    pub ciphertexts: Vec<EncryptedField>,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LookedUpItem {
    /// 200, or the status of the problem.
    pub status: u16,
    /// The value's ciphertext under each version of the key that can still be read, newest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ciphertexts: Option<Vec<EncryptedField>>,
    /// What was wrong, if they are not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl LookedUpItem {
    /// They are here.
    pub fn done(stored: StoredAs) -> Self {
        Self { status: 200, ciphertexts: Some(stored.ciphertexts), error: None }
    }

    /// It was refused.
    pub const fn refused(problem: Problem) -> Self {
        Self { status: problem.status, ciphertexts: None, error: Some(problem) }
    }
}
