//! A whole vault under test: the real binary, real TLS, a real token, a real database, each in a folder of its own.
//!
//! The binaries are those beside the test (`target/<profile>`), so `cargo build --workspace --bins` comes first;
//! `tests/run` does that.

mod caller;
mod cards;
mod database;
mod destination;
mod node;
mod process;
mod search;

pub use caller::{Answer, Caller, at, client_config};
pub use cards::{card_numbers, with_check_digit};
pub use database::{CHOICE, Database, RecordLock};
pub use destination::Destination;
pub use node::Node;
pub use process::{VaultProcess, binary, free_port, is_ready, run_command};
pub use search::{encodings, find_any};

/// Any failure fails the test that met it, with its text.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
