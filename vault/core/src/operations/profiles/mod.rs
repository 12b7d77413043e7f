//! Token profiles: made once, never changed.

mod create;
mod get;
mod list;

use strongroom_domain::{Timestamp, TokenProfile};

use crate::ports::store::ProfileRow;

/// A token profile and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileView {
    /// The profile.
    pub profile: TokenProfile,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

impl ProfileView {
    fn of(row: &ProfileRow) -> Self {
        Self { profile: row.profile.clone(), created_at: row.created_at, created_by: row.created_by.clone() }
    }
}
