//! Writes a batch.
//!
//! The common batch has no conflict and is written with a few statements for many rows each. If one of them is refused,
//! or if two changes concern the same row so that their order matters, the batch is written again unit by unit, which
//! tells exactly whose change cannot be applied.

mod changes;
mod touched;

use sqlx::SqliteConnection;
use strongroom_core::ports::store::{Batch, CommitError, Effect, StoreError};

use super::audit::bundles;
use super::failure::Refusal;
use super::rows::command;
use changes::Changes;
use touched::touches_a_row_twice;

/// Writes the batch and its audit bundle in one transaction. After [`CommitError::Store`] the transaction may still be
/// open: the connection must be given up.
pub(super) async fn commit(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), CommitError> {
    check_bundle(batch)?;
    if !touches_a_row_twice(&batch.units) {
        match within_transaction(connection, batch, Order::Together).await {
            Err(CommitError::Conflict(_)) => {}
            result => return result,
        }
    }
    within_transaction(connection, batch, Order::UnitByUnit).await
}

#[derive(Clone, Copy)]
enum Order {
    Together,
    UnitByUnit,
}

/// The bundle and the head must fit each other, and there is no change without a record.
fn check_bundle(batch: &Batch) -> Result<(), CommitError> {
    let follows = batch.bundle.first_sequence.checked_add(u64::from(batch.bundle.count));
    let fits = batch.bundle.stream == batch.head.stream && follows == Some(batch.head.size);
    if batch.bundle.count > 0 && fits {
        Ok(())
    } else {
        Err(CommitError::Store(StoreError::Unreadable("audit bundle")))
    }
}

async fn within_transaction(
    connection: &mut SqliteConnection,
    batch: &Batch,
    order: Order,
) -> Result<(), CommitError> {
    // A transaction that began by reading could not become a writing one while something else writes.
    command(connection, "BEGIN IMMEDIATE").await?;
    let written = write(connection, batch, order).await;
    match written {
        Ok(()) => command(connection, "COMMIT").await?,
        Err(CommitError::Conflict(_) | CommitError::Fenced) => command(connection, "ROLLBACK").await?,
        Err(CommitError::Store(_)) => {}
    }
    written
}

async fn write(connection: &mut SqliteConnection, batch: &Batch, order: Order) -> Result<(), CommitError> {
    bundles::append(connection, &batch.bundle, &batch.head).await?;
    let conflicts = match order {
        Order::Together => together(connection, &batch.units).await?,
        Order::UnitByUnit => unit_by_unit(connection, &batch.units).await?,
    };
    if conflicts.is_empty() { Ok(()) } else { Err(CommitError::Conflict(conflicts)) }
}

/// Writes all units at once. Any conflict counts for all of them.
async fn together(
    connection: &mut SqliteConnection,
    units: &[Vec<Effect>],
) -> Result<Vec<usize>, StoreError> {
    match Changes::of(units.iter().flatten()).write(connection).await {
        Ok(()) => Ok(Vec::new()),
        Err(Refusal::Conflict) => Ok((0..units.len()).collect()),
        Err(Refusal::Store(error)) => Err(error),
    }
}

/// Writes one unit after the other, each on what the ones before it left; returns those that could not be applied.
async fn unit_by_unit(
    connection: &mut SqliteConnection,
    units: &[Vec<Effect>],
) -> Result<Vec<usize>, StoreError> {
    let mut conflicts = Vec::new();
    for (position, unit) in units.iter().enumerate().filter(|(_, unit)| !unit.is_empty()) {
        command(connection, "SAVEPOINT unit").await?;
        match Changes::of(unit).write(connection).await {
            Ok(()) => {}
            Err(Refusal::Conflict) => {
                command(connection, "ROLLBACK TO unit").await?;
                conflicts.push(position);
            }
            Err(Refusal::Store(error)) => return Err(error),
        }
        command(connection, "RELEASE unit").await?;
    }
    Ok(conflicts)
}
