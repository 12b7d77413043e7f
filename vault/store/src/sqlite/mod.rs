//! SQLite: one file, one process. Commits go through one writing connection, reads through a few read-only ones.

mod aliases;
mod answers;
mod audit;
mod checkpoints;
mod columns;
mod commit;
mod failure;
#[cfg(test)]
mod faults;
mod file;
mod fingerprints;
mod leases;
mod lookups;
mod open;
#[cfg(test)]
mod plans;
mod registry;
mod rows;
mod schema;
mod security_codes;
mod store;
mod tags;
mod tokens;
mod values;
mod velocity;
mod writer;

use sqlx::SqlitePool;

use crate::gathering::Gathering;

pub use open::{OpenError, SqliteConfig};

use checkpoints::Checkpoints;
use file::ProcessLock;
use lookups::Lookups;
use writer::Writer;

/// The vault's state in one SQLite file.
pub struct SqliteStore {
    writer: Writer,
    checkpoints: Checkpoints,
    readers: SqlitePool,
    lookups: Gathering<Lookups>,
    /// Held for the store's whole life; last, so that it is let go after the connections.
    _lock: ProcessLock,
}
