//! `POST /v1/keys/{key}/reencrypt`. Answers are those of encrypting.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ContextInput;
use crate::{Binary, CryptoItem};

/// A protected field to be protected anew under the newest version of the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReencryptItem {
    /// What was stored in place of the value.
    pub ciphertext: Binary,
    /// The place it belongs to; stays the same.
    #[serde(default)]
    pub context: ContextInput,
}

impl CryptoItem for ReencryptItem {
    const NAMES: &'static [&'static str] = &["items", "ciphertext", "context"];
}
