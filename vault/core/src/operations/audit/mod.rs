//! The record, for those who check it. Reading it is on record too.

mod checkpoint;
mod export;
mod search;

pub use checkpoint::CheckpointNote;
pub use search::{AuditEvents, AuditQuery};
