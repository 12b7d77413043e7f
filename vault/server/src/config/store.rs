//! Where the data are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::values;

/// `[store]`: exactly one of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreConfig {
    /// `[store.sqlite]`: one process, one file.
    Sqlite(SqliteSettings),
    /// `[store.postgres]`: any number of nodes over one database.
    Postgres(PostgresSettings),
}

/// `[store.sqlite]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqliteSettings {
    /// The file, in a folder of mode 0700 on local disk.
    pub path: PathBuf,
}

/// `[store.postgres]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresSettings {
    /// The server's name as in its certificate, its address, or the folder of its Unix socket.
    pub host: String,
    /// Its TCP port.
    #[serde(default = "postgres_port", deserialize_with = "values::at_least_one")]
    pub port: u16,
    /// The database.
    #[serde(default = "database")]
    pub database: String,
    /// The service role. It can read and write rows, and neither change the schema nor alter what is on record.
    #[serde(default = "user")]
    pub user: String,
    /// Its password, in a file of mode 0400.
    pub password_file: PathBuf,
    /// The authority of the server's certificate. Not needed over a Unix socket.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Connects without knowing who answers. Whoever stands in between then reads and alters everything.
    #[serde(default)]
    pub danger_accept_unverified_server: bool,
    /// How many commits run side by side, each on a connection and an audit stream of its own.
    #[serde(default = "two", deserialize_with = "values::at_least_one")]
    pub commit_lanes: u32,
    /// Connections for look-ups.
    #[serde(default = "four", deserialize_with = "values::at_least_one")]
    pub read_connections: u32,
    /// How long the server may work on a statement.
    #[serde(
        rename = "statement_timeout_milliseconds",
        default = "four_seconds",
        deserialize_with = "values::milliseconds"
    )]
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    #[serde(
        rename = "lock_timeout_milliseconds",
        default = "two_seconds",
        deserialize_with = "values::milliseconds"
    )]
    pub lock_timeout: Duration,
}

impl StoreConfig {
    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let (always, sometimes) = match self {
            Self::Sqlite(sqlite) => (&mut sqlite.path, None),
            Self::Postgres(postgres) => (&mut postgres.password_file, postgres.ca_file.as_mut()),
        };
        std::iter::once(always).chain(sometimes)
    }

    /// The folder that the process writes to.
    pub(super) fn writable_folder(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(sqlite) => sqlite.path.parent(),
            Self::Postgres(_) => None,
        }
    }

    /// The TCP port that the process connects to.
    pub fn outbound_tcp_port(&self) -> Option<u16> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(postgres) => (!postgres.is_local()).then_some(postgres.port),
        }
    }

    pub(super) fn contradiction(&self) -> Option<&'static str> {
        match self {
            Self::Postgres(postgres) if postgres.lacks_authority() => Some(
                "store.postgres.ca_file must be given, so that the server can be verified; a Unix socket needs none",
            ),
            _ => None,
        }
    }
}

impl PostgresSettings {
    /// Over a Unix socket: the host is its folder.
    pub fn is_local(&self) -> bool {
        self.host.starts_with('/')
    }

    const fn has_authority(&self) -> bool {
        self.ca_file.is_some() || self.danger_accept_unverified_server
    }

    fn lacks_authority(&self) -> bool {
        !self.is_local() && !self.has_authority()
    }
}

const fn postgres_port() -> u16 {
    5432
}

fn database() -> String {
    "strongroom".to_owned()
}

fn user() -> String {
    "strongroom_service".to_owned()
}

const fn two() -> u32 {
    2
}

const fn four() -> u32 {
    4
}

const fn four_seconds() -> Duration {
    Duration::from_secs(4)
}

const fn two_seconds() -> Duration {
    Duration::from_secs(2)
}
