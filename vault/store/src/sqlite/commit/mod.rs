//! Writes a batch.
//!
//! A batch without changes is its audit bundle: one statement. The common batch with changes has no conflict and is
//! written as one text from BEGIN to COMMIT, with one statement for all rows of a kind. If one of them is refused, or
//! if two changes concern the same row so that their order matters, the batch is written again unit by unit, which
//! tells exactly whose change cannot be applied.

mod kinds;
mod script;

use sqlx::SqliteConnection;
use strongroom_core::ports::store::{Batch, BundleRow, CommitError, Effect, StoreError};

use super::audit::bundles;
use super::failure::{Refusal, commit_error};
use super::rows::{command, execute};
use super::values::Values;
use crate::touched::touches_a_row_twice;
use kinds::Kinds;

/// Writes the batch and its audit bundle in one transaction. After [`CommitError::NotWritten`] and
/// [`CommitError::InDoubt`] the transaction may still be open: the connection must be given up.
pub(super) async fn commit(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), CommitError> {
    check_bundle(&batch.bundle)?;
    if batch.units.iter().all(Vec::is_empty) {
        return bundles::append(connection, &batch.bundle).await.map_err(|error| commit_error(&error));
    }
    let kinds = Kinds::of(batch.units.iter().flatten());
    // Rows that are only inserted need no look for doubles: the second is a conflict in any order.
    if kinds.changes.only_add() || !touches_a_row_twice(&batch.units) {
        match together(connection, &batch.bundle, &kinds).await {
            Err(CommitError::Conflict(_)) => {}
            result => return result,
        }
    }
    let written = unit_by_unit(connection, batch).await;
    settle(connection, written).await
}

/// There is no change without a record, and no record without a number.
fn check_bundle(bundle: &BundleRow) -> Result<(), CommitError> {
    let end = bundle.first_sequence.checked_add(u64::from(bundle.count));
    if bundle.count > 0 && end.is_some_and(|end| i64::try_from(end).is_ok()) {
        Ok(())
    } else {
        Err(CommitError::NotWritten(StoreError::Unreadable("audit bundle")))
    }
}

/// Writes all units at once. Which of them conflict cannot be told.
async fn together(
    connection: &mut SqliteConnection,
    bundle: &BundleRow,
    kinds: &Kinds<'_>,
) -> Result<(), CommitError> {
    match script::run(connection, bundle, kinds).await {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => take_back(connection, commit_error(&error)).await,
        None => {
            let written = async {
                begin(connection, bundle).await?;
                match kinds.write(connection).await {
                    Ok(()) => Ok(()),
                    Err(Refusal::Conflict) => Err(CommitError::Conflict(Vec::new())),
                    Err(Refusal::Store(error)) => Err(CommitError::NotWritten(error)),
                }
            };
            let written = written.await;
            settle(connection, written).await
        }
    }
}

/// Writes one unit after the other, each on what the ones before it left; names those that could not be applied.
async fn unit_by_unit(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), CommitError> {
    begin(connection, &batch.bundle).await?;
    let mut conflicts = Vec::new();
    for (position, unit) in batch.units.iter().enumerate().filter(|(_, unit)| !unit.is_empty()) {
        if !apply(connection, unit).await.map_err(CommitError::NotWritten)? {
            conflicts.push(position);
        }
    }
    if conflicts.is_empty() { Ok(()) } else { Err(CommitError::Conflict(conflicts)) }
}

/// Writes a unit whole or not at all; `false` if it conflicts.
async fn apply(connection: &mut SqliteConnection, unit: &[Effect]) -> Result<bool, StoreError> {
    command(connection, "SAVEPOINT unit").await?;
    let applied = match Kinds::of(unit).write(connection).await {
        Ok(()) => true,
        Err(Refusal::Conflict) => {
            command(connection, "ROLLBACK TO unit").await?;
            false
        }
        Err(Refusal::Store(error)) => return Err(error),
    };
    command(connection, "RELEASE unit").await?;
    Ok(applied)
}

/// Begins a transaction and adds the bundle. IMMEDIATE, because a transaction that began by reading could not become a
/// writing one while something else writes.
async fn begin(connection: &mut SqliteConnection, bundle: &BundleRow) -> Result<(), CommitError> {
    command(connection, "BEGIN IMMEDIATE").await.map_err(CommitError::NotWritten)?;
    bundles::append(connection, bundle).await.map_err(|error| certain(commit_error(&error)))
}

/// Ends a transaction: commits what was written, takes back what was refused.
async fn settle(
    connection: &mut SqliteConnection,
    written: Result<(), CommitError>,
) -> Result<(), CommitError> {
    match written {
        Ok(()) => match execute(connection, "COMMIT", Values::default()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(commit_error(&error)),
        },
        Err(refusal) => take_back(connection, refusal).await,
    }
}

async fn take_back(connection: &mut SqliteConnection, refusal: CommitError) -> Result<(), CommitError> {
    if matches!(refusal, CommitError::Conflict(_) | CommitError::Fenced) {
        command(connection, "ROLLBACK").await.map_err(CommitError::NotWritten)?;
    }
    Err(refusal)
}

/// A failure before COMMIT was sent.
fn certain(error: CommitError) -> CommitError {
    match error {
        CommitError::InDoubt(error) => CommitError::NotWritten(error),
        other => other,
    }
}
