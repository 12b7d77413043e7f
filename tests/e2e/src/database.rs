//! The database under a vault: every suite runs on each kind, which the environment chooses.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use strongroom_postgres_server::{PostgresServer, Role, TableLock, TestDatabase};

use crate::Outcome;
use crate::process::run_command;

/// Names the kind: `sqlite`, which is the default, or `postgres`.
pub const CHOICE: &str = "STRONGROOM_TEST_STORE";

/// The schema of the vault's tables on PostgreSQL.
const SCHEMA: &str = "strongroom";

/// A database that `strongroomd dev` is told to use.
pub enum Database {
    /// A file in the vault's folder.
    Sqlite {
        /// The file, once the vault has started.
        file: PathBuf,
    },
    /// A database on a throwaway server.
    Postgres {
        /// The database.
        database: TestDatabase,
        /// Where its description is.
        description: PathBuf,
    },
}

impl Database {
    /// What the environment chooses for this run of the tests.
    pub fn of_this_run(folder: &Path) -> Outcome<Self> {
        match std::env::var(CHOICE).as_deref() {
            Err(_) | Ok("sqlite") => Ok(Self::Sqlite { file: folder.join("data/strongroom.sqlite") }),
            Ok("postgres") => Self::on(&PostgresServer::shared()?, None, folder),
            Ok(_) => Err(format!("{CHOICE} is sqlite or postgres").into()),
        }
    }

    /// A database of its own on this server; reached by another port if one is given, that of a proxy.
    pub fn on(server: &PostgresServer, port: Option<u16>, folder: &Path) -> Outcome<Self> {
        let database = server.create_database()?;
        let description = folder.join("postgres");
        fs::create_dir_all(&description)?;
        let connection = server.connection();
        let lines = [
            ("HOST", connection.host.clone()),
            ("PORT", port.unwrap_or(connection.port).to_string()),
            ("DATABASE", database.name().to_owned()),
            ("OWNER", connection.owner.clone()),
            ("OWNER_PASSWORD_FILE", connection.owner_password_file.display().to_string()),
            ("SERVICE", connection.service.clone()),
            ("SERVICE_PASSWORD_FILE", connection.service_password_file.display().to_string()),
            ("CA_FILE", connection.ca_file.display().to_string()),
        ];
        let text: String = lines.iter().map(|(name, value)| format!("POSTGRES_{name}={value}\n")).collect();
        fs::write(description.join("connection.env"), text)?;
        Ok(Self::Postgres { database, description })
    }

    /// Whether it is PostgreSQL.
    pub const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    pub(crate) fn arguments(&self) -> Vec<OsString> {
        match self {
            Self::Sqlite { .. } => Vec::new(),
            Self::Postgres { description, .. } => vec!["--postgres".into(), description.into()],
        }
    }

    /// Runs SQL, as the database's administrator could.
    pub fn sql(&self, statement: &str) -> Outcome<String> {
        match self {
            Self::Sqlite { file } => {
                let output = run_command(Command::new("sqlite3").arg(file).arg(statement))?;
                Ok(String::from_utf8(output.stdout)?)
            }
            Self::Postgres { database, .. } => {
                Ok(database.sql(Role::Superuser, &format!("SET search_path = {SCHEMA}; {statement}"))?)
            }
        }
    }

    pub(crate) fn lock_record(&self) -> Outcome<RecordLock> {
        match self {
            Self::Sqlite { file } => FileLock::take(file).map(RecordLock::File),
            Self::Postgres { .. } => {
                self.lock_table("audit_bundles", Duration::from_secs(600)).map(RecordLock::Table)
            }
        }
    }

    /// Locks a table against everyone; PostgreSQL only.
    pub fn lock_table(&self, table: &str, longest: Duration) -> Outcome<TableLock> {
        match self {
            Self::Sqlite { .. } => Err("SQLite has no locks on tables".into()),
            Self::Postgres { database, .. } => {
                Ok(database.server().lock_table(database.name(), SCHEMA, table, longest)?)
            }
        }
    }

    /// Folders that hold its files, outside the vault's.
    pub(crate) fn folders_elsewhere(&self) -> Vec<PathBuf> {
        match self {
            Self::Sqlite { .. } => Vec::new(),
            Self::Postgres { database, .. } => {
                let connection = database.server().connection();
                vec![connection.data_folder.clone()]
            }
        }
    }
}

/// Keeps the vault from writing its record, as an administrator's tool gone wrong would, until dropped.
pub enum RecordLock {
    /// The write lock of the file.
    File(FileLock),
    /// A lock on the table.
    Table(TableLock),
}

/// SQLite's write lock, held by another process.
pub struct FileLock(Child);

impl FileLock {
    fn take(file: &Path) -> Outcome<Self> {
        let mut sqlite =
            Command::new("sqlite3").arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = sqlite.stdin.as_mut().ok_or("no input")?;
        input.write_all(b".timeout 10000\nBEGIN IMMEDIATE;\nSELECT 'locked';\n")?;
        input.flush()?;
        let mut line = String::new();
        BufReader::new(sqlite.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        if line.trim() == "locked" { Ok(Self(sqlite)) } else { Err("the lock was not taken".into()) }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
