//! `POST /v1/keys`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ValueFormatInput;
use crate::{KeyNameText, KeyPurposeText, ProtectionText};

/// Days after which a key's new version is due if its request says nothing.
pub const DEFAULT_ROTATION_DAYS: u32 = 365;

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// Its name, unique in the tenant.
    pub name: KeyNameText,
    /// What it may be used for.
    pub purpose: KeyPurposeText,
    /// Where its material may be in the clear; `envelope` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<ProtectionText>,
    /// What its values look like: for the purpose `format-preserving`, and for no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_format: Option<ValueFormatInput>,
    /// Days after which a new version is due; 365 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub rotation_days: Option<u32>,
}
