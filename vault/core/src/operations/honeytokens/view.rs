use strongroom_domain::Timestamp;

use crate::ports::store::{HoneytokenId, HoneytokenRow};

/// What is known of a honeytoken. Which token it is, only its use tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoneytokenView {
    /// Its id.
    pub id: HoneytokenId,
    /// What it is there for.
    pub reason: String,
    /// When the token was marked.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When the mark was taken away.
    pub withdrawn_at: Option<Timestamp>,
    /// By whom.
    pub withdrawn_by: Option<String>,
}

impl HoneytokenView {
    pub(super) fn of(row: &HoneytokenRow) -> Self {
        Self {
            id: row.honeytoken,
            reason: row.reason.clone(),
            created_at: row.created_at,
            created_by: row.created_by.clone(),
            withdrawn_at: row.withdrawn_at,
            withdrawn_by: row.withdrawn_by.clone(),
        }
    }
}
