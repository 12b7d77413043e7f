//! Statements. None is waited for without end: who gives up gives the connection up with it.

use std::future::Future;
use std::io::{Error as IoError, ErrorKind};
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{Either, Error, Executor, SqlSafeStr};
use strongroom_core::ports::store::StoreError;
use tokio::time::timeout;

use super::columns::Columns;
use super::connections::Session;
use super::failure::{is_answer, is_refused, store_error};
use super::values::Values;

/// How a row is read; the name is the one to report if it cannot be.
pub(super) struct Reading<T> {
    pub(super) table: &'static str,
    pub(super) read: fn(&mut Columns<'_>) -> Result<T, StoreError>,
}

/// Runs a statement without result rows; returns how many rows it changed.
pub(super) async fn execute(
    session: &mut Session,
    sql: impl SqlSafeStr,
    values: Values,
) -> Result<u64, Error> {
    let query = sqlx::query_with(sql, values.finish()?);
    let running = query.execute(&mut session.connection);
    answered(session.answer_within, running).await.map(|result| result.rows_affected())
}

/// Runs statements without values: the bounds of transactions.
pub(super) async fn command(session: &mut Session, sql: &'static str) -> Result<(), Error> {
    let running = sqlx::raw_sql(sql).execute(&mut session.connection);
    answered(session.answer_within, running).await.map(drop)
}

/// All rows of an answer, unread.
pub(super) async fn fetch_rows(
    session: &mut Session,
    sql: impl SqlSafeStr,
    values: Values,
) -> Result<Vec<PgRow>, Error> {
    let query = sqlx::query_with(sql, values.finish()?);
    let running = query.fetch_all(&mut session.connection);
    answered(session.answer_within, running).await
}

/// Reads all rows of an answer.
pub(super) async fn fetch<T>(
    session: &mut Session,
    sql: impl SqlSafeStr,
    values: Values,
    reading: &Reading<T>,
) -> Result<Vec<T>, StoreError> {
    let rows = fetch_rows(session, sql, values).await.map_err(|error| store_error(&error))?;
    rows.iter().map(|row| (reading.read)(&mut Columns::of(row, reading.table))).collect()
}

/// Reads the one row of an answer, if there is one.
pub(super) async fn fetch_one<T>(
    session: &mut Session,
    sql: impl SqlSafeStr,
    values: Values,
    reading: &Reading<T>,
) -> Result<Option<T>, StoreError> {
    Ok(fetch(session, sql, values, reading).await?.into_iter().next())
}

/// Why a statement that commits has not been seen to succeed.
pub(super) enum Uncommitted {
    /// The server refused it: nothing was written.
    Refused(Error),
    /// Its fate is not known.
    InDoubt(StoreError),
}

/// Runs a statement that is a transaction of its own; returns how many rows it changed.
pub(super) async fn execute_and_commit(
    session: &mut Session,
    sql: impl SqlSafeStr,
    values: Values,
) -> Result<u64, Uncommitted> {
    let arguments = values.finish().map_err(Uncommitted::Refused)?;
    let query = sqlx::query_with(sql, arguments);
    let mut changed = None;
    let running = async {
        let mut steps = session.connection.fetch_many(query);
        while let Some(step) = steps.try_next().await? {
            if let Either::Left(result) = step {
                changed = Some(result.rows_affected());
            }
        }
        Ok(())
    };
    match answered(session.answer_within, running).await {
        Ok(()) => Ok(changed.unwrap_or(0)),
        // The server reports that the statement ran before it commits, so an error before that report means that it
        // does not; afterwards a farewell may stand for the report of the commit.
        Err(error) if is_refused(&error) || (changed.is_none() && is_answer(&error)) => {
            Err(Uncommitted::Refused(error))
        }
        Err(error) => Err(Uncommitted::InDoubt(store_error(&error))),
    }
}

/// Commits the transaction.
pub(super) async fn commit_transaction(session: &mut Session) -> Result<(), Uncommitted> {
    command(session, "COMMIT").await.map_err(|error| {
        if is_refused(&error) {
            Uncommitted::Refused(error)
        } else {
            Uncommitted::InDoubt(store_error(&error))
        }
    })
}

async fn answered<T>(within: Duration, running: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let gave_up = |_| Err(Error::Io(IoError::from(ErrorKind::TimedOut)));
    timeout(within, running).await.unwrap_or_else(gave_up)
}
