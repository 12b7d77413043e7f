//! The vault's durable state: adapters of the `Store` port.
//!
//! SQLite is the embedded default: one process, one file, every commit on disk before it is answered. PostgreSQL is for
//! more than one node. The tables are described where they are made, in `migrations/`.

mod changes;
mod gathering;
mod list;
mod names;
mod postgres;
mod shard;
mod shown;
mod sqlite;
mod touched;

pub use postgres::{PostgresConfig, PostgresOpenError, PostgresServer, PostgresStore, PostgresTrust};
pub use sqlite::{OpenError, SqliteConfig, SqliteStore};
