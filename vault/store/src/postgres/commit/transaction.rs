use strongroom_core::ports::store::{Batch, CommitError, Effect};

use super::{Unwritten, refused, statement};
use crate::changes::Changes;
use crate::postgres::connections::Session;
use crate::postgres::failure::{Refusal, store_error};
use crate::postgres::rows::{Uncommitted, command, commit_transaction};
use crate::postgres::{aliases, answers, fingerprints, jobs, registry, security_codes, tags, tokens};

/// How a batch is written.
#[derive(Clone, Copy)]
pub(super) enum Order<'a> {
    /// All units at once; a conflict counts for all of them.
    Together(&'a Changes<'a>),
    /// One after the other, each on what the ones before it left; a conflict is its own.
    UnitByUnit,
}

/// Writes the batch in one transaction.
pub(super) async fn within_transaction(
    session: &mut Session,
    batch: &Batch,
    order: Order<'_>,
) -> Result<(), Unwritten> {
    told(session, "BEGIN").await?;
    let written = write(session, batch, order).await;
    match written {
        Ok(()) => match commit_transaction(session).await {
            Ok(()) => Ok(()),
            Err(Uncommitted::Refused(error)) => Err(refused(error.into())),
            Err(Uncommitted::InDoubt(error)) => Err(CommitError::InDoubt(error).into()),
        },
        Err(Unwritten::Other(CommitError::Conflict(_) | CommitError::Fenced)) => {
            told(session, "ROLLBACK").await?;
            written
        }
        Err(_) => written,
    }
}

async fn write(session: &mut Session, batch: &Batch, order: Order<'_>) -> Result<(), Unwritten> {
    statement::append(session, &batch.bundle).await?;
    match order {
        Order::Together(changes) => apply(session, changes).await.map_err(refused),
        Order::UnitByUnit => {
            let conflicts = unit_by_unit(session, &batch.units).await?;
            if conflicts.is_empty() { Ok(()) } else { Err(CommitError::Conflict(conflicts).into()) }
        }
    }
}

/// Writes one unit after the other; returns those that could not be applied.
async fn unit_by_unit(session: &mut Session, units: &[Vec<Effect>]) -> Result<Vec<usize>, Unwritten> {
    let mut conflicts = Vec::new();
    for (position, unit) in units.iter().enumerate().filter(|(_, unit)| !unit.is_empty()) {
        told(session, "SAVEPOINT unit").await?;
        match apply(session, &Changes::of(unit)).await {
            Ok(()) => told(session, "RELEASE unit").await?,
            Err(Refusal::Conflict) => {
                told(session, "ROLLBACK TO unit; RELEASE unit").await?;
                conflicts.push(position);
            }
            Err(refusal) => return Err(refused(refusal)),
        }
    }
    Ok(conflicts)
}

/// Writes changes. What makes room comes first: a fingerprint that moves to another token is removed, then added.
async fn apply(session: &mut Session, changes: &Changes<'_>) -> Result<(), Refusal> {
    fingerprints::delete(session, &changes.gone_fingerprints).await?;
    aliases::delete(session, &changes.gone_aliases).await?;
    tags::delete(session, &changes.gone_tags).await?;
    tokens::revise(session, &changes.revisions).await?;
    statement::add(session, changes).await?;
    for row in &changes.completed_answers {
        answers::complete(session, row).await?;
    }
    for answer in &changes.released_answers {
        answers::release(session, *answer).await?;
    }
    security_codes::write(session, &changes.security_codes).await?;
    jobs::write(session, changes).await?;
    for row in &changes.clusters {
        registry::insert_cluster(session, row).await?;
    }
    for step in &changes.head_moves {
        registry::move_on(session, *step).await?;
    }
    registry::put(session, &changes.registry_rows).await
}

async fn told(session: &mut Session, sql: &'static str) -> Result<(), Unwritten> {
    command(session, sql).await.map_err(|error| store_error(&error).into())
}
