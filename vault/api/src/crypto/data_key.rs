//! `POST /v1/keys/{key}/data-key`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ContextInput;
use crate::{Binary, SecretBytes};

/// How long a data key is if its request says nothing, in bytes.
pub const DEFAULT_DATA_KEY_LENGTH: u32 = 32;

/// A data key to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDataKey {
    /// How long, in bytes: 16, 32 or 64; 32 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// The place its ciphertext belongs to.
    #[serde(default)]
    pub context: ContextInput,
}

/// A key for use outside the vault, which keeps no copy.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DataKeyView {
    /// The key. Use it and forget it.
    pub plaintext: SecretBytes,
    /// What to store: decrypting it gives the key again.
    pub ciphertext: Binary,
    /// The version of the key that protects it.
    pub key_version: u32,
}
