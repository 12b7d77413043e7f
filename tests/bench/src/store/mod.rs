//! The store under the vault: what its configuration says of it, what its processes use, how it is filled, and the
//! floors that it sets, each measured on the vault's own `tokens` table with rows like the vault's own.
//!
//! Filling and floors are for a vault that is stopped, and need at least one token in its database to copy.

mod postgres;
mod postgres_server;
mod sqlite;

use std::path::Path;
use std::time::Duration;

use crate::Outcome;
use crate::plan::StoreKind;
use postgres::Postgres;
use sqlite::Sqlite;

/// Either of the two.
pub(crate) enum StoreUnderTest {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl StoreUnderTest {
    /// Ready to be used by a vault in this folder.
    pub(crate) fn start(kind: StoreKind, folder: &Path) -> Outcome<Self> {
        Ok(match kind {
            StoreKind::Sqlite => Self::Sqlite(Sqlite::in_folder(folder)),
            StoreKind::Postgres => Self::Postgres(Postgres::start(folder)?),
        })
    }

    /// The `[store.…]` section of the vault's configuration.
    pub(crate) fn configuration(&self) -> Outcome<String> {
        match self {
            Self::Sqlite(store) => Ok(store.configuration()),
            Self::Postgres(store) => store.configuration(),
        }
    }

    /// The role that migrates it and the file of its password, where the vault does not do so itself.
    pub(crate) fn owner(&self) -> Outcome<Option<(&str, &str)>> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(store) => store.owner().map(Some),
        }
    }

    /// CPU time so far of processes of its own.
    pub(crate) fn cpu(&self) -> Outcome<Duration> {
        match self {
            Self::Sqlite(_) => Ok(Duration::ZERO),
            Self::Postgres(store) => store.cpu(),
        }
    }

    /// Memory of processes of its own, bytes.
    pub(crate) fn memory(&self) -> Outcome<u64> {
        match self {
            Self::Sqlite(_) => Ok(0),
            Self::Postgres(store) => store.memory(),
        }
    }

    /// Adds so many tokens that nobody holds, with a fingerprint each.
    pub(crate) fn fill(&self, rows: u64) -> Outcome<()> {
        match self {
            Self::Sqlite(store) => store.fill(rows),
            Self::Postgres(store) => store.fill(rows),
        }
    }

    /// Tokens inserted a second, each in a transaction of its own, as durable as the vault's.
    pub(crate) fn inserts_per_second(&self, connections: usize, seconds: Duration) -> Outcome<f64> {
        match self {
            Self::Sqlite(store) => store.inserts_per_second(connections, seconds),
            Self::Postgres(store) => store.inserts_per_second(connections, seconds),
        }
    }

    /// Tokens looked up a second by primary key.
    pub(crate) fn selects_per_second(&self, connections: usize, seconds: Duration) -> Outcome<f64> {
        match self {
            Self::Sqlite(store) => store.selects_per_second(connections, seconds),
            Self::Postgres(store) => store.selects_per_second(connections, seconds),
        }
    }

    /// Tokens a second in the fastest way that the database has for many at once.
    pub(crate) fn bulk_rows_per_second(&self, rows: u64) -> Outcome<f64> {
        match self {
            Self::Sqlite(store) => store.bulk_rows_per_second(rows),
            Self::Postgres(store) => store.bulk_rows_per_second(),
        }
    }

    /// What the floors are, for the table.
    pub(crate) const fn floors(&self) -> Floors {
        match self {
            Self::Sqlite(_) => sqlite::FLOORS,
            Self::Postgres(_) => postgres::FLOORS,
        }
    }
}

/// What the floors are, in words, and what is asked of the vault beside them.
pub(crate) struct Floors {
    pub(crate) insert: &'static str,
    pub(crate) insert_target: f64,
    pub(crate) select: &'static str,
    pub(crate) bulk: &'static str,
}
