//! The store on PostgreSQL, from outside.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

use strongroom_store::{PostgresConfig, PostgresServer, PostgresStore};

mod availability;
mod citus;
mod contract;
mod doubt;
mod opening;
mod proxy;
mod rights;
mod samples;
mod schema;
mod server;
mod throughput;
