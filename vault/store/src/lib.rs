//! The vault's durable state: adapters of the `Store` port.
//!
//! SQLite is the embedded default: one process, one file, every commit on disk before it is answered. The tables are
//! described where they are made, in `migrations/`.

mod shard;
mod sqlite;

pub use sqlite::{OpenError, SqliteConfig, SqliteStore};
