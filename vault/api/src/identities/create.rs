//! `POST /v1/identities`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reason;
use crate::{ServiceNameText, TimestampText};

/// An identity to be made known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateIdentity {
    /// The service, as named in its certificate.
    pub service: ServiceNameText,
    /// Why.
    pub reason: Reason,
    /// From when on it is as good as gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimestampText>,
}
