//! Writes a batch.
//!
//! The common batch adds rows and has no conflict: it is one statement, which is a transaction of its own. If it is
//! refused, if the batch changes rows, or if two changes concern the same row so that their order matters, the batch is
//! written within a transaction, and where need be unit by unit, which tells exactly whose change cannot be applied.

mod statement;
mod transaction;

use std::time::Duration;

use strongroom_core::ports::store::{Batch, CommitError, StoreError};

use super::connections::{Connections, Session};
use super::failure::Refusal;
use crate::changes::Changes;
use crate::touched::touches_a_row_twice;
use transaction::{Order, within_transaction};

#[cfg(test)]
pub(super) use statement::TEXTS;

/// Writes the batch and its audit bundle.
pub(super) async fn commit(connections: &Connections, batch: &Batch) -> Result<(), CommitError> {
    check_bundle(batch)?;
    let mut pause = FIRST_PAUSE;
    for _ in 0..COLLISIONS {
        match attempt(connections, batch).await {
            Err(Unwritten::Collision) => tokio::time::sleep(pause).await,
            Err(Unwritten::Other(error)) => return Err(error),
            Ok(()) => return Ok(()),
        }
        pause = pause.saturating_mul(2);
    }
    Err(CommitError::NotWritten(StoreError::Unavailable("other transactions were in the way")))
}

/// How often a commit may collide with another one before its caller hears of it.
const COLLISIONS: usize = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(2);

/// Why an attempt wrote nothing, as far as is known.
enum Unwritten {
    /// The server ended this transaction in favour of another: try again.
    Collision,
    /// For the caller.
    Other(CommitError),
}

impl From<CommitError> for Unwritten {
    fn from(error: CommitError) -> Self {
        Self::Other(error)
    }
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Other(CommitError::NotWritten(error))
    }
}

/// There is no change without a record, and no record without a number.
fn check_bundle(batch: &Batch) -> Result<(), CommitError> {
    let end = batch.bundle.first_sequence.checked_add(u64::from(batch.bundle.count));
    if batch.bundle.count > 0 && end.is_some_and(|end| i64::try_from(end).is_ok()) {
        Ok(())
    } else {
        Err(CommitError::NotWritten(StoreError::Unreadable("audit bundle")))
    }
}

async fn attempt(connections: &Connections, batch: &Batch) -> Result<(), Unwritten> {
    let mut turn = connections.take().await?;
    let result = write(turn.session()?, batch).await;
    // After any other failure a transaction may be open, or an answer under way.
    if matches!(result, Ok(()) | Err(Unwritten::Other(CommitError::Conflict(_) | CommitError::Fenced))) {
        turn.give_back();
    }
    result
}

async fn write(session: &mut Session, batch: &Batch) -> Result<(), Unwritten> {
    let changes = Changes::of(batch.units.iter().flatten());
    // Rows that are only added need no look for doubles: the second is a conflict in any order.
    if !changes.only_add() && touches_a_row_twice(&batch.units) {
        return within_transaction(session, batch, Order::UnitByUnit).await;
    }
    let together = if changes.only_add() {
        statement::commit(session, &batch.bundle, &changes).await
    } else {
        within_transaction(session, batch, Order::Together(&changes)).await
    };
    match together {
        Err(Unwritten::Other(CommitError::Conflict(_))) => {
            within_transaction(session, batch, Order::UnitByUnit).await
        }
        result => result,
    }
}

/// What a refused statement means for the attempt; a conflict is every unit's until it is known whose it is.
fn refused(refusal: Refusal) -> Unwritten {
    match refusal {
        Refusal::Conflict => Unwritten::Other(CommitError::Conflict(Vec::new())),
        Refusal::Collision => Unwritten::Collision,
        Refusal::Store(error) => error.into(),
    }
}
