//! What an error of the database means. Its text goes nowhere: such texts can repeat values.

use sqlx::Error;
use sqlx::error::DatabaseError;
use strongroom_core::ports::store::StoreError;

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

/// The low eight bits of the extended result code.
fn primary_code(error: &Error) -> Option<u32> {
    let code = error.as_database_error().and_then(DatabaseError::code)?;
    code.parse::<u32>().ok().map(|code| code & 0xff)
}
