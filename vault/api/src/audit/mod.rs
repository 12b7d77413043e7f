//! The record: finding events, taking them away, and the signed checkpoints over them.

mod checkpoints;
mod event;
mod query;

pub use checkpoints::{CheckpointView, CheckpointsView};
pub use event::EventView;
pub use query::EventQuery;

/// The content type of an export: a JSON object a line, in the format `strongroom-audit-export/1`.
pub const EXPORT_CONTENT_TYPE: &str = "application/x-ndjson";
