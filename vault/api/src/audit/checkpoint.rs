//! `GET /v1/audit/checkpoints/latest`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TimestampText;

/// A signed statement of where an audit stream stood. Remember one outside the vault: a record cut short or rewritten
/// is found by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckpointView {
    /// The stream.
    pub stream: String,
    /// How many events it covers.
    pub size: u64,
    /// The signed note (C2SP).
    pub note: String,
    /// When.
    pub created_at: TimestampText,
}
