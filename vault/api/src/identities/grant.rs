//! `POST /v1/identities/{service}/grants`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reason;
use crate::{RoleText, TimestampText};

/// An appointment to be made. Data roles and administration roles exclude each other, and nobody appoints itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateGrant {
    /// The role.
    pub role: RoleText,
    /// Whether values leave by this appointment encrypted to one of the identity's keys, and not otherwise. For the role
    /// `detokenizer`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encrypted_only: bool,
    /// Why.
    pub reason: Reason,
    /// From when on it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimestampText>,
}
