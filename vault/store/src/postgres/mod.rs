//! PostgreSQL: one database, many nodes. Commits go through a few connections of their own, look-ups of many callers
//! share a statement.

mod aliases;
mod answers;
mod audit;
mod columns;
mod commit;
mod config;
mod connections;
mod dialing;
mod failure;
mod fingerprints;
mod leases;
mod listening;
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

pub use config::{PostgresConfig, PostgresServer, PostgresTrust};
pub use open::PostgresOpenError;

use connections::Connections;
use listening::Listening;
use lookups::Lookups;

use std::sync::Arc;

use crate::gathering::Gathering;

/// The vault's state in a PostgreSQL database.
pub struct PostgresStore {
    writers: Connections,
    readers: Arc<Connections>,
    lookups: Gathering<Lookups>,
    listening: Listening,
}
