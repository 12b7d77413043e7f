use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use strongroom_core::ports::store::StoreError;

use super::checkpoints::Checkpoints;
use super::failure::store_error;
use super::file::{self, ProcessLock};
use super::lookups::Lookups;
use super::writer::Writer;
use super::{SqliteStore, schema};
use crate::gathering::Gathering;

/// Bytes of a page; the file's size grows in these.
const PAGE_SIZE: u32 = 4096;
/// The log begins anew when it has so many pages, by the commit that fills it; what [`Checkpoints`] has not moved into the
/// file by then, it moves.
const LOG_PAGES: &str = "4000";
/// The log is cut back to this many bytes once it has been moved into the file.
const LOG_SIZE_LIMIT: &str = "67108864";
/// Statements that a connection keeps prepared: every text there is fits.
const PREPARED_STATEMENTS: usize = 256;
/// Connections that look up keys, of the readers. With more of them each would answer fewer questions at a time.
const LOOKUP_WORKERS: usize = 2;
/// Look-ups that may wait their turn.
const LOOKUP_QUEUE: usize = 1024;

/// Where the database is and how it is used.
#[derive(Debug, Clone)]
pub struct SqliteConfig {
    /// The file. Made if it does not exist; its folder must exist, belong to this user alone and stay on local disk.
    pub path: PathBuf,
    /// Read-only connections.
    pub readers: u32,
    /// How long to wait for a lock that something else holds on the file, a backup for example.
    pub busy_timeout: Duration,
    /// The file does not grow beyond this, so that it cannot take the whole disk. No limit if `None`.
    pub max_bytes: Option<u64>,
}

impl SqliteConfig {
    /// This file, and what suits most machines.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 4, busy_timeout: Duration::from_secs(3), max_bytes: None }
    }
}

/// Why the database was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The folder is missing, or a file could not be made or looked at.
    #[error("{0} cannot be used")]
    Unusable(&'static str),
    /// Others than its owner may read or write it.
    #[error("{0} must be accessible to its owner alone (mode 0700 for the folder, 0600 for files)")]
    NotPrivate(&'static str),
    /// Another process, or another store in this one, has it open.
    #[error("the database is in use by another process")]
    InUse,
    /// A newer version of this program made or changed it.
    #[error("the database has schema {found}, which is newer than this program knows")]
    NewerSchema {
        /// Its newest migration.
        found: i64,
    },
    /// A migration that was applied is not the one this program knows by that number.
    #[error("the database's schema {0} is not the one this program knows")]
    ForeignSchema(i64),
    /// The database itself failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SqliteStore {
    /// Opens the file, makes it if need be, and brings its schema up to date.
    pub async fn open(config: &SqliteConfig) -> Result<Self, OpenError> {
        let lock = ProcessLock::take(&config.path)?;
        file::prepare(&config.path)?;
        let options = writing(config);
        let mut connection = options.connect().await.map_err(|error| store_error(&error))?;
        schema::bring_up_to_date(&mut connection).await?;
        let readers = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(config.readers.max(1))
            .acquire_timeout(config.busy_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(reading(config))
            .await
            .map_err(|error| store_error(&error))?;
        let lookups = Arc::new(Lookups { readers: readers.clone() });
        let lookups = Gathering::start(&lookups, LOOKUP_WORKERS, LOOKUP_QUEUE, config.busy_timeout);
        let writer = Writer::new(options.clone(), connection);
        let checkpoints = Checkpoints::start(options, writer.written());
        Ok(Self { writer, checkpoints, readers, lookups, _lock: lock })
    }
}

fn writing(config: &SqliteConfig) -> SqliteConnectOptions {
    let options = shared(config)
        .page_size(PAGE_SIZE)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is erased is overwritten, not merely unlinked.
        .pragma("secure_delete", "ON")
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .pragma("journal_size_limit", LOG_SIZE_LIMIT)
        .pragma("cache_size", "-65536");
    match config.max_bytes {
        Some(bytes) => options.pragma("max_page_count", (bytes / u64::from(PAGE_SIZE)).max(1).to_string()),
        None => options,
    }
}

fn reading(config: &SqliteConfig) -> SqliteConnectOptions {
    shared(config).read_only(true).pragma("cache_size", "-16384")
}

fn shared(config: &SqliteConfig) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&config.path)
        .busy_timeout(config.busy_timeout)
        .statement_cache_capacity(PREPARED_STATEMENTS)
        // Sorting never spills rows to a file of its own.
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .disable_statement_logging()
}
