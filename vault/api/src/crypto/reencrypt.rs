//! `POST /v1/keys/{key}/reencrypt`. Answers are those of encrypting.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ContextInput;
use crate::{Binary, CryptoItem, KeyVersionNumber};

/// A protected field to be protected anew under the newest version of the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReencryptItem {
    /// What was stored in place of the value.
    pub ciphertext: Binary,
    /// The version of the key that protected it: needed with a key for format-preserving encryption, whose ciphertexts do
    /// not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<KeyVersionNumber>,
    /// The place it belongs to; stays the same.
    #[serde(default)]
    pub context: ContextInput,
}

impl CryptoItem for ReencryptItem {
    const NAMES: &'static [&'static str] = &["items", "ciphertext", "key_version", "context"];
}
