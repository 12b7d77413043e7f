//! `POST /v1/keys/{key}/mac` and `…/verify-mac`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ContextInput;
use crate::{Binary, CryptoItem, Problem, SecretBytes};

/// Data to vouch for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MacItem {
    /// The data.
    pub data: SecretBytes,
    /// The place they belong to.
    #[serde(default)]
    pub context: ContextInput,
}

impl CryptoItem for MacItem {
    const NAMES: &'static [&'static str] = &["items", "data", "context"];
}

/// A code that vouches for data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeMac {
    /// What to store beside the data.
    pub mac: Binary,
    /// The version of the key it was made under.
    pub key_version: u32,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeMacItem {
    /// 200, or the status of the problem.
    pub status: u16,
    /// What to store beside the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<Binary>,
    /// The version of the key it was made under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<u32>,
    /// What was wrong, if it is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl MadeMacItem {
    /// It is made.
    pub fn done(made: MadeMac) -> Self {
        Self { status: 200, mac: Some(made.mac), key_version: Some(made.key_version), error: None }
    }

    /// It was refused.
    pub const fn refused(problem: Problem) -> Self {
        Self { status: problem.status, mac: None, key_version: None, error: Some(problem) }
    }
}

/// Data and the code that is said to vouch for them.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyMacItem {
    /// The data.
    pub data: SecretBytes,
    /// The code.
    pub mac: Binary,
    /// The place they belong to, as it was when the code was made.
    #[serde(default)]
    pub context: ContextInput,
}

impl CryptoItem for VerifyMacItem {
    const NAMES: &'static [&'static str] = &["items", "data", "mac", "context"];
}

/// Whether a code vouches for its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifiedMac {
    /// Whether the code is this key's for these data in this place.
    pub valid: bool,
    /// The version of the key it was made under, if it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<u32>,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifiedMacItem {
    /// 200, or the status of the problem.
    pub status: u16,
    /// Whether the code is this key's for these data in this place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<bool>,
    /// The version of the key it was made under, if it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<u32>,
    /// What was wrong, if it could not be checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl VerifiedMacItem {
    /// It was checked.
    pub const fn done(verified: VerifiedMac) -> Self {
        Self { status: 200, valid: Some(verified.valid), key_version: verified.key_version, error: None }
    }

    /// It could not be checked.
    pub const fn refused(problem: Problem) -> Self {
        Self { status: problem.status, valid: None, key_version: None, error: Some(problem) }
    }
}
