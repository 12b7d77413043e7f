use tokio::sync::oneshot;
use tokio::time::Instant;

use super::OnCommit;
use crate::VaultError;
use crate::audit::EventDraft;
use crate::pipeline::SpentPermit;
use crate::ports::store::Effect;

/// The most records in one transaction, far below what [`unpack`](crate::audit::unpack) reads of a bundle. A request
/// alone may exceed it, which no request does: it has a thousand items at most.
const MAX_RECORDS: usize = 16 * 1024;

/// What one request writes.
pub(super) struct Unit {
    pub(super) permit: SpentPermit,
    pub(super) effects: Vec<Effect>,
    pub(super) events: Vec<EventDraft>,
    pub(super) on_commit: Option<OnCommit>,
    /// Nobody waits for it after this.
    pub(super) deadline: Instant,
    pub(super) reply: oneshot::Sender<Result<(), Refusal>>,
}

/// Why it was not written.
pub(super) enum Refusal {
    /// What is stored has moved on since it was read: prepare again. The permit was not used.
    Conflict(SpentPermit),
    Failed(VaultError),
}

/// Tells the callers of units that will not be written.
pub(super) fn refuse(units: impl IntoIterator<Item = Unit>, error: &VaultError) {
    for unit in units {
        let _ = unit.reply.send(Err(Refusal::Failed(error.clone())));
    }
}

/// Cuts what queued up where the records would become too many for one bundle.
pub(super) fn parts(units: Vec<Unit>) -> Vec<Vec<Unit>> {
    if units.iter().map(|unit| unit.events.len()).sum::<usize>() <= MAX_RECORDS {
        return vec![units];
    }
    let mut parts: Vec<Vec<Unit>> = Vec::with_capacity(2);
    let mut records = 0;
    for unit in units {
        records += unit.events.len();
        match parts.last_mut() {
            Some(part) if records <= MAX_RECORDS => part.push(unit),
            _ => {
                records = unit.events.len();
                parts.push(vec![unit]);
            }
        }
    }
    parts
}
