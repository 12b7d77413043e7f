//! `GET /v1/audit/checkpoints`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TimestampText;

/// The newest checkpoint of every audit stream of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckpointsView {
    /// One for each stream that has been signed. Remember all of them: a stream that is not remembered can be left out
    /// unseen.
    pub checkpoints: Vec<CheckpointView>,
}

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
