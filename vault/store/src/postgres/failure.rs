//! What an error of the database means. Its text goes nowhere: such texts can repeat values.

use sqlx::Error;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgSeverity};
use strongroom_core::ports::store::StoreError;

/// Why rows were not written.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A row that should not exist does, or the other way round.
    Conflict,
    /// Another transaction was in the way: the same may go through at once.
    Collision,
    /// The database failed.
    Store(StoreError),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match code(&error).as_deref() {
            Some(code) if code.starts_with("23") => Self::Conflict,
            Some("40001" | "40P01") => Self::Collision,
            _ => Self::Store(store_error(&error)),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whether the server answered with an error and goes on serving the connection: what it was told is not done.
pub(super) fn is_refused(error: &Error) -> bool {
    match error {
        Error::Encode(_) => true,
        Error::Database(error) => error
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(|error| matches!(error.severity(), PgSeverity::Error)),
        _ => false,
    }
}

/// Whether the server said so, in whatever tone.
pub(super) const fn is_answer(error: &Error) -> bool {
    matches!(error, Error::Encode(_) | Error::Database(_))
}

/// Whether the connection has ended, as one does that died while nobody used it. A server that is slow or holds a lock is
/// no such case: asking it again would only double the waiting.
pub(super) fn is_end_of_connection(error: &StoreError) -> bool {
    [CONNECTION_FAILED, OUT_OF_TURN, SHUTTING_DOWN, IDLE_TOO_LONG].contains(error)
}

const CONNECTION_FAILED: StoreError = StoreError::Unavailable("the connection to the database failed");
const OUT_OF_TURN: StoreError = StoreError::Unavailable("the database answered out of turn");
const SHUTTING_DOWN: StoreError = StoreError::Unavailable("the database is shutting down");
const IDLE_TOO_LONG: StoreError = StoreError::Unavailable("the connection was idle for too long");

/// The server's code for the error.
pub(super) fn code(error: &Error) -> Option<String> {
    error.as_database_error().and_then(DatabaseError::code).map(String::from)
}

/// Sorts an error by what can be done about it.
pub(super) fn store_error(error: &Error) -> StoreError {
    match error {
        Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            StoreError::Unavailable("the database does not answer")
        }
        Error::Io(_) => CONNECTION_FAILED,
        Error::Tls(_) => StoreError::Unavailable("no trusted TLS connection to the database"),
        Error::Protocol(_) => OUT_OF_TURN,
        Error::Configuration(_) => StoreError::Unavailable("the connection's settings cannot be used"),
        Error::PoolTimedOut => StoreError::Unavailable("all connections are in use"),
        Error::PoolClosed => StoreError::Unavailable("the store is closed"),
        Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::ColumnIndexOutOfBounds { .. } => {
            StoreError::Unreadable("row")
        }
        Error::Encode(_) => StoreError::Unreadable("number beyond the database's range"),
        _ => code(error).map_or(StoreError::Unavailable("the database failed"), |code| of_code(&code)),
    }
}

/// <https://www.postgresql.org/docs/15/errcodes-appendix.html>
fn of_code(code: &str) -> StoreError {
    let unavailable = StoreError::Unavailable;
    match code {
        "25006" => unavailable("the database is read-only"),
        "25P03" => unavailable("a transaction was idle for too long"),
        "40001" | "40P01" => unavailable("other transactions were in the way"),
        "42501" => unavailable("the database role lacks a right"),
        "53100" => unavailable("the disk is full"),
        "53200" => unavailable("the database is out of memory"),
        "53300" => unavailable("the database has too many connections"),
        "55P03" => unavailable("a lock is held for too long"),
        "57014" => unavailable("a statement took too long"),
        "57P01" | "57P02" => SHUTTING_DOWN,
        "57P03" => unavailable("the database is starting or shutting down"),
        "57P05" => IDLE_TOO_LONG,
        "3D000" | "3F000" | "42P01" | "42703" | "42883" => StoreError::Unreadable("schema"),
        "XX001" | "XX002" => StoreError::Unreadable("page"),
        _ => match code.get(..2) {
            Some("08") => CONNECTION_FAILED,
            Some("22") => StoreError::Unreadable("value that the database cannot hold"),
            Some("23") => StoreError::Unreadable("row that contradicts the schema"),
            Some("28") => unavailable("the database does not let this role in"),
            Some("53") => unavailable("the database lacks resources"),
            Some("54") => unavailable("the database's limits are too narrow"),
            Some("58") => unavailable("the database's disk failed"),
            _ => unavailable("the database failed"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_that_has_ended_is_worth_another() {
        for code in ["57P01", "57P02", "57P05", "08006"] {
            assert!(is_end_of_connection(&of_code(code)), "{code}");
        }
        for code in ["55P03", "57014", "57P03", "53300", "25006", "XX001"] {
            assert!(!is_end_of_connection(&of_code(code)), "{code}");
        }
        let no_answer = Error::Io(std::io::ErrorKind::TimedOut.into());
        assert!(!is_end_of_connection(&store_error(&no_answer)));
        let reset = Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert!(is_end_of_connection(&store_error(&reset)));
    }

    #[test]
    fn codes_are_told_apart_and_unknown_ones_are_unavailable() {
        assert_eq!(of_code("53100"), StoreError::Unavailable("the disk is full"));
        assert_eq!(of_code("53400"), StoreError::Unavailable("the database lacks resources"));
        assert_eq!(of_code("22003"), StoreError::Unreadable("value that the database cannot hold"));
        assert_eq!(of_code("08006"), StoreError::Unavailable("the connection to the database failed"));
        assert_eq!(of_code("P0001"), StoreError::Unavailable("the database failed"));
        assert_eq!(of_code(""), StoreError::Unavailable("the database failed"));
    }
}
