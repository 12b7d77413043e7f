//! How much a caller may send.

/// The largest body of any request.
pub const MAX_BODY: usize = 1024 * 1024;

/// The largest body of a request about one thing.
pub const MAX_SINGLE_BODY: usize = 16 * 1024;

/// The most items of a batch.
pub const MAX_BATCH_ITEMS: usize = 1000;

/// The most items of a stream.
pub const MAX_STREAM_ITEMS: u64 = 1_000_000;

/// The most fields of a document that a request names.
pub const MAX_DOCUMENT_FIELDS: usize = 100;

/// The longest such field, in bytes.
pub const MAX_DOCUMENT_FIELD: usize = 512;

/// How deep a JSON body may nest. Ours need five levels; a parser's stack is not for callers to spend.
pub const MAX_JSON_DEPTH: usize = 32;

/// How many things a list answers at once if the caller says nothing.
pub const DEFAULT_PAGE: u32 = 100;

/// How many things a list answers at once at most.
pub const MAX_PAGE: u32 = 1000;

/// The most pairs of a token's metadata.
pub const MAX_METADATA_PAIRS: usize = 16;

/// The longest name in a token's metadata, in bytes.
pub const MAX_METADATA_NAME: usize = 64;

/// The longest value in a token's metadata, in bytes.
pub const MAX_METADATA_VALUE: usize = 256;

/// The most tokens of a request to a destination.
pub const MAX_FORWARD_TOKENS: usize = 16;

/// The most headers of a request to a destination.
pub const MAX_FORWARD_HEADERS: usize = 32;

/// The longest reason for an identity or a grant, in characters.
pub const MAX_REASON: usize = 256;
