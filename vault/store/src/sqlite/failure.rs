//! What an error of the database means. Its text goes nowhere: such texts can repeat values.

use sqlx::Error;
use sqlx::error::DatabaseError;
use strongroom_core::ports::store::{CommitError, StoreError};

/// Why rows were not written.
pub(super) enum Refusal {
    /// A row that should not exist does, or the other way round.
    Conflict,
    /// The database failed.
    Store(StoreError),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match primary_code(&error) {
            Some(SQLITE_CONSTRAINT) => Self::Conflict,
            _ => Self::Store(store_error(&error)),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What the failure of a statement that commits says of the commit. Of conflicts it says that there is one.
pub(super) fn commit_error(error: &Error) -> CommitError {
    let certain = match extended_code(error) {
        Some(SQLITE_CONSTRAINT_TRIGGER) => return CommitError::Fenced,
        Some(code) if code & 0xff == SQLITE_CONSTRAINT => return CommitError::Conflict(Vec::new()),
        Some(code) => nothing_was_written(code),
        None => matches!(error, Error::Encode(_)),
    };
    let error = store_error(error);
    if certain { CommitError::NotWritten(error) } else { CommitError::InDoubt(error) }
}

/// Whether a commit that fails so is certainly not on the disk. The last page of a commit in the log is the one that makes
/// it count: when the disk is full, that page did not get there; the others come before anything is written. A failing
/// fsync (SQLITE_IOERR), though, may leave all of it on the disk.
const fn nothing_was_written(code: u32) -> bool {
    matches!(
        code & 0xff,
        SQLITE_BUSY
            | SQLITE_LOCKED
            | SQLITE_FULL
            | SQLITE_READONLY
            | SQLITE_CANTOPEN
            | SQLITE_CORRUPT
            | SQLITE_NOTADB
    )
}

/// Sorts an error by what can be done about it.
pub(super) fn store_error(error: &Error) -> StoreError {
    match error {
        Error::PoolTimedOut => StoreError::Unavailable("all connections are in use"),
        Error::PoolClosed => StoreError::Unavailable("the store is closed"),
        Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::ColumnIndexOutOfBounds { .. } => {
            StoreError::Unreadable("row")
        }
        Error::Encode(_) => StoreError::Unreadable("number beyond the database's range"),
        _ => match primary_code(error) {
            Some(SQLITE_BUSY | SQLITE_LOCKED) => StoreError::Unavailable("the file is locked"),
            Some(SQLITE_FULL) => StoreError::Unavailable("the disk or the file is full"),
            Some(SQLITE_READONLY) => StoreError::Unavailable("the file is read-only"),
            Some(SQLITE_CANTOPEN) => StoreError::Unavailable("the file cannot be opened"),
            Some(SQLITE_IOERR) => StoreError::Unavailable("reading or writing the file failed"),
            Some(SQLITE_NOMEM) => StoreError::Unavailable("out of memory"),
            Some(SQLITE_CORRUPT | SQLITE_NOTADB) => StoreError::Unreadable("file"),
            Some(SQLITE_CONSTRAINT) => StoreError::Unreadable("row that contradicts the schema"),
            _ => StoreError::Unavailable("the database failed"),
        },
    }
}

// https://www.sqlite.org/rescode.html
const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_NOMEM: u32 = 7;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_CONSTRAINT: u32 = 19;
const SQLITE_NOTADB: u32 = 26;

/// What a trigger refuses; the schema has one, which keeps a stream's bundles in a row.
const SQLITE_CONSTRAINT_TRIGGER: u32 = 1811;

/// The low eight bits of the extended result code.
fn primary_code(error: &Error) -> Option<u32> {
    extended_code(error).map(|code| code & 0xff)
}

fn extended_code(error: &Error) -> Option<u32> {
    error.as_database_error().and_then(DatabaseError::code)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_on_the_disk_is_in_doubt() {
        // SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_NOMEM, SQLITE_ERROR.
        assert!([1034, 778, 7, 1].into_iter().all(|code| !nothing_was_written(code)));
        // SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_FULL, SQLITE_READONLY_DBMOVED.
        assert!([5, 517, 13, 1032].into_iter().all(nothing_was_written));
        // The connection's thread is gone: it may have been at work on the commit.
        assert!(matches!(commit_error(&Error::WorkerCrashed), CommitError::InDoubt(_)));
    }
}
