//! Work on more than fits into a request: files of cards that become tokens, tokens whose values leave for another vault.

mod checksum;
mod complete;
mod export;
mod import;
pub mod lines;
mod view;

pub use checksum::{Checksum, ChecksumText};
pub use complete::CompleteJob;
pub use export::{
    ExportContent, ExportQuery, ExportTokens, ExportTotal, ExportedPart, ExportedToken, ReceiverKey,
};
pub use import::{ImportTokens, ImportedLine, ImportedPart};
pub use view::JobView;

/// The content type of a part of CSV.
pub const CSV_CONTENT_TYPE: &str = "text/csv";

/// The content type of a part of JSON lines.
pub const NDJSON_CONTENT_TYPE: &str = "application/x-ndjson";
