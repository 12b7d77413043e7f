use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ValueFormatInput;
use crate::{KeyIdText, KeyNameText, KeyPurposeText, KeyStateText, ProtectionText, TimestampText};

/// A key, without its material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyView {
    /// Its id, as in ciphertexts.
    pub id: KeyIdText,
    /// Its name, as in addresses.
    pub name: KeyNameText,
    /// What it may be used for.
    pub purpose: KeyPurposeText,
    /// Where its material may be in the clear.
    pub protection: ProtectionText,
    /// What its values look like, if its purpose is `format-preserving`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_format: Option<ValueFormatInput>,
    /// Days after which a new version is due.
    pub rotation_days: u32,
    /// When it was made.
    pub created_at: TimestampText,
    /// The version that protects.
    pub current_version: u32,
    /// All versions, oldest first.
    pub versions: Vec<KeyVersionView>,
}

/// One version of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyVersionView {
    /// Its number, from 1.
    pub version: u32,
    /// Where it is in its life.
    pub state: KeyStateText,
    /// When it was made.
    pub created_at: TimestampText,
    /// When its state last changed.
    pub state_changed_at: TimestampText,
}
