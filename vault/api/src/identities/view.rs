use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{RoleText, ServiceNameText, SpiffeIdText, TimestampText};

/// An identity with its grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentityView {
    /// The service.
    pub service: ServiceNameText,
    /// The name in its certificate.
    pub spiffe_id: SpiffeIdText,
    /// Why it is known.
    pub reason: String,
    /// When it became known.
    pub created_at: TimestampText,
    /// By whom.
    pub created_by: String,
    /// From when on it is as good as gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimestampText>,
    /// When it was put out of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<TimestampText>,
    /// When it last made a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<TimestampText>,
    /// Its appointments, also those that ended.
    pub grants: Vec<GrantView>,
}

/// An appointment to a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GrantView {
    /// Its id: `grt_` and 16 hexadecimal digits.
    #[schema(pattern = "^grt_[0-9a-f]{16}$")]
    pub id: String,
    /// The role.
    pub role: RoleText,
    /// Whether values leave by it encrypted to one of the identity's keys, and not otherwise.
    #[serde(default)]
    pub encrypted_only: bool,
    /// Why it was given.
    pub reason: String,
    /// When.
    pub granted_at: TimestampText,
    /// By whom.
    pub granted_by: String,
    /// From when on it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimestampText>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<TimestampText>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<String>,
    /// When it last decided a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<TimestampText>,
}
