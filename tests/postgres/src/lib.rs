//! A real PostgreSQL for tests: a server in a temporary folder, a fresh database for each test, and the faults that a
//! vault must survive. `deploy/postgres/throwaway` makes the server; what this crate adds is its life and its death.
//!
//! | what | for |
//! | --- | --- |
//! | [`PostgresServer`] | the server: where it is, who may in, SQL by `psql`, faults of the server |
//! | [`TestDatabase`] | a database of one test, dropped at its end |
//! | [`CuttingProxy`] | faults of the network between a client and the server |

mod connection;
mod database;
mod error;
mod faults;
mod programs;
mod proxy;
mod server;

pub use connection::Connection;
pub use database::TestDatabase;
pub use error::PostgresError;
pub use faults::TableLock;
pub use programs::Role;
pub use proxy::{CuttingProxy, Request, Target};
pub use server::PostgresServer;
