use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::Instant;

use super::unit::{Refusal, Unit, parts, refuse};
use super::{LaneCondition, StreamPosition};
use crate::VaultError;
use crate::audit::{AuditStream, FullSegments, NextPlace};
use crate::ports::store::{Batch, CommitError};
use crate::ports::{Clock, Store};

/// The most units in one transaction: bounds the time a commit takes and what a failed one repeats.
const MAX_UNITS: usize = 512;
/// How many turns of the scheduler a lane gives to requests that arrived together, so that a steady stream of single ones
/// cannot hold back the first.
const TURNS: usize = 16;
/// The pauses between attempts to learn what became of a commit: from the first, twice as long each time, to the last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// The only writer of one audit stream.
pub(super) struct Lane {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    stream: AuditStream,
    segments: Arc<FullSegments>,
    moved: watch::Sender<StreamPosition>,
}

impl Lane {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        stream: AuditStream,
        segments: Arc<FullSegments>,
    ) -> (Self, watch::Receiver<StreamPosition>) {
        let (moved, position) = watch::channel(StreamPosition {
            stream: stream.name().into(),
            size: stream.size(),
            root: stream.root(),
            condition: LaneCondition::Writing,
        });
        (Self { store, clock, stream, segments, moved }, position)
    }

    /// Writes what waits, until nobody can hand in any more or the stream is fenced.
    pub(super) async fn run(mut self, waiting: Arc<Mutex<mpsc::Receiver<Unit>>>) {
        let mut units = Vec::with_capacity(MAX_UNITS);
        loop {
            gather(&mut *waiting.lock().await, &mut units).await;
            if units.is_empty() {
                return;
            }
            // Who waited too long has been told that nothing was done, and that becomes true here.
            let now = Instant::now();
            units.retain(|unit| unit.deadline > now);
            for part in parts(std::mem::take(&mut units)) {
                metrics::histogram!("strongroom_commit_units").record(part.len() as f64);
                if self.is_fenced() {
                    refuse(part, &VaultError::AuditUnavailable);
                } else {
                    self.write(part).await;
                }
            }
            if self.is_fenced() {
                return;
            }
        }
    }

    /// Writes the units in as few transactions as it takes: units that conflict are left out and the rest tried again.
    async fn write(&mut self, mut units: Vec<Unit>) {
        let mut conflicting = Vec::new();
        while !units.is_empty() {
            let records = units.iter().map(|unit| (&unit.permit, unit.events.as_slice()));
            let (bundle, next) = self.stream.seal(records, self.clock.now());
            // Effects are moved into the batch and, if the units have to be tried again, moved back: no copy on the way.
            let batch = Batch {
                units: units.iter_mut().map(|unit| std::mem::take(&mut unit.effects)).collect(),
                bundle,
            };
            match self.commit(&batch).await {
                Ok(()) => {
                    self.committed(next, units);
                    break;
                }
                Err(CommitError::Conflict(positions)) if !positions.is_empty() => {
                    for (unit, effects) in units.iter_mut().zip(batch.units) {
                        unit.effects = effects;
                    }
                    let mut position = 0;
                    let (left_out, rest) = units.into_iter().partition(|_| {
                        position += 1;
                        positions.contains(&(position - 1))
                    });
                    units = rest;
                    conflicting.extend::<Vec<Unit>>(left_out);
                }
                Err(error) => {
                    tracing::error!(%error, units = units.len(), "a commit failed");
                    metrics::counter!("strongroom_commit_failures_total").increment(1);
                    if matches!(error, CommitError::Fenced) {
                        self.note(LaneCondition::Fenced);
                    }
                    refuse(units, &VaultError::AuditUnavailable);
                    break;
                }
            }
        }
        // Only now: the rows they lost against are durable, so a second look finds them.
        for unit in conflicting {
            let _ = unit.reply.send(Err(Refusal::Conflict(unit.permit)));
        }
    }

    /// Commits, and returns only when it is certain what became of it. A database that gave no answer may have written
    /// the batch or may still be about to, so nothing but this very batch can be given a number until its fate is known:
    /// it is given again, and because a stream takes each number once, it is written once.
    async fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        let mut pause = PAUSES.0;
        let mut in_doubt = false;
        loop {
            match self.store.commit(batch).await {
                Err(CommitError::InDoubt(error)) => {
                    tracing::warn!(%error, "a commit was not answered; giving it again");
                    in_doubt = true;
                }
                // This attempt was not, but an earlier one may have been.
                Err(CommitError::NotWritten(_)) if in_doubt => {}
                Err(refusal @ (CommitError::Conflict(_) | CommitError::Fenced)) if in_doubt => {
                    if let Some(outcome) = self.outcome_of(batch, refusal).await {
                        self.note(LaneCondition::Writing);
                        return outcome;
                    }
                }
                settled => {
                    if in_doubt {
                        self.note(LaneCondition::Writing);
                    }
                    return settled;
                }
            }
            self.note(LaneCondition::InDoubt);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// What became of a batch that is refused now but may have been written by an earlier attempt; `None` if that cannot
    /// be told yet. Conflicting rows are committed rows: if the stream has not moved, they are not this batch's own.
    async fn outcome_of(&self, batch: &Batch, refusal: CommitError) -> Option<Result<(), CommitError>> {
        let head = self.store.stream_head(self.stream.name()).await.ok()?;
        let size = head.as_ref().map_or(0, |head| head.size);
        if head == Some(batch.bundle.head()) {
            Some(Ok(()))
        } else if size != batch.bundle.first_sequence {
            Some(Err(CommitError::Fenced))
        } else {
            matches!(refusal, CommitError::Conflict(_)).then_some(Err(refusal))
        }
    }

    fn committed(&mut self, next: NextPlace, units: Vec<Unit>) {
        let full = self.stream.advance(next);
        let (size, root) = (self.stream.size(), self.stream.root());
        self.moved.send_modify(|position| (position.size, position.root) = (size, root));
        for unit in units {
            if let Some(act) = unit.on_commit {
                act();
            }
            // A caller that went away is no matter: what it asked for is done and on record.
            let _ = unit.reply.send(Ok(()));
        }
        if let Some(segment) = full {
            self.segments.push(segment);
        }
    }

    fn note(&self, condition: LaneCondition) {
        self.moved.send_modify(|position| position.condition = condition);
    }

    fn is_fenced(&self) -> bool {
        self.moved.borrow().condition == LaneCondition::Fenced
    }
}

/// Takes what waits for as long as each turn of the scheduler brings more. The first request of many that arrived together
/// is handed in while the others are still being worked on; it would pay for a transaction of its own and make them wait
/// for it. None is held back for one that is not already here.
async fn gather(waiting: &mut mpsc::Receiver<Unit>, units: &mut Vec<Unit>) {
    waiting.recv_many(units, MAX_UNITS).await;
    for _ in 0..TURNS {
        let had = units.len();
        tokio::task::yield_now().await;
        while units.len() < MAX_UNITS
            && let Ok(unit) = waiting.try_recv()
        {
            units.push(unit);
        }
        if units.len() == had {
            return;
        }
    }
}
