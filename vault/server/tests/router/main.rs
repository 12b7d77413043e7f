//! The whole edge above a whole vault in memory, without a socket: each request goes into the router as the listener
//! would hand it over.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test's helpers may fail it"
)]

mod bodies;
mod checkpoints;
mod closed;
mod documents;
mod encrypted_answers;
mod encrypted_cards;
mod export;
mod failures;
mod forwards;
mod headers;
mod idempotency;
mod jobs;
mod lists;
mod observed;
mod paths;
mod reached;
mod samples;
mod tokens;
mod value_formats;
mod world;
