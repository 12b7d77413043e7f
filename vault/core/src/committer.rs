//! Group commit: whatever queued up while the last commit ran becomes the next one.
//!
//! One task owns the audit stream and is the only writer. It waits for nothing. A unit is the effects of one request
//! with its audit records; a batch of units is one transaction, so a record exists exactly when its effect does.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::VaultError;
use crate::audit::{AuditStream, EventDraft, SealedBundle};
use crate::pipeline::{Permit, SpentPermit};
use crate::ports::store::{Batch, CommitError, Effect};
use crate::ports::{Clock, Store};

/// The most units in one transaction: bounds the time a commit takes and what a failed one repeats.
const MAX_UNITS: usize = 512;
/// The most records in one transaction, far below what [`unpack`](crate::audit::unpack) reads of a bundle. A request
/// alone may exceed it, which no request does: it has a thousand items at most.
const MAX_RECORDS: usize = 16 * 1024;
/// The most units that may wait. Beyond it the answer is "overloaded" at once rather than late.
const QUEUE_LENGTH: usize = 4096;

/// What runs once the transaction is durable and before anyone is answered. In the committer's task, so a caller that
/// goes away cannot keep a committed change from taking effect.
pub(crate) type OnCommit = Box<dyn FnOnce() + Send>;

/// Hands units to the committing task.
#[derive(Clone)]
pub(crate) struct Committer {
    queue: mpsc::Sender<Unit>,
    position: watch::Receiver<StreamPosition>,
}

/// Where the stream stands, durably.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamPosition {
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
    /// The stream was continued by another process; this node no longer writes.
    pub(crate) fenced: bool,
}

struct Unit {
    permit: SpentPermit,
    effects: Vec<Effect>,
    events: Vec<EventDraft>,
    on_commit: Option<OnCommit>,
    reply: oneshot::Sender<Result<(), Refusal>>,
}

enum Refusal {
    /// What is stored has moved on since it was read: prepare again. The permit was not used.
    Conflict(SpentPermit),
    Failed(VaultError),
}

/// Why a unit was not written.
pub(crate) enum SubmitError {
    /// What is stored has moved on since it was read: prepare again with the permit that comes back.
    Conflict(Permit),
    Failed(VaultError),
}

impl Committer {
    /// Starts the task. It ends, having written what it took in, when the last handle is gone.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        stream: AuditStream,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE_LENGTH);
        let position = StreamPosition { size: stream.size(), root: stream.root(), fenced: false };
        let (moved, position) = watch::channel(position);
        let writer = Writer { store, clock, stream, moved };
        (Self { queue, position }, tokio::spawn(writer.run(waiting)))
    }

    /// Where the stream stands, durably.
    pub(crate) fn position(&self) -> StreamPosition {
        *self.position.borrow()
    }

    /// Spends the permit; returns when the unit is durable.
    pub(crate) async fn submit(
        &self,
        permit: Permit,
        effects: Vec<Effect>,
        events: Vec<EventDraft>,
        on_commit: Option<OnCommit>,
    ) -> Result<(), SubmitError> {
        let (reply, answer) = oneshot::channel();
        let unit = Unit { permit: permit.spend(), effects, events, on_commit, reply };
        self.queue.try_send(unit).map_err(|error| {
            SubmitError::Failed(match error {
                mpsc::error::TrySendError::Full(_) => VaultError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => VaultError::AuditUnavailable,
            })
        })?;
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Refusal::Conflict(permit))) => Err(SubmitError::Conflict(permit.0)),
            Ok(Err(Refusal::Failed(error))) => Err(SubmitError::Failed(error)),
            Err(_) => Err(SubmitError::Failed(VaultError::AuditUnavailable)),
        }
    }
}

struct Writer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    stream: AuditStream,
    moved: watch::Sender<StreamPosition>,
}

impl Writer {
    async fn run(mut self, mut waiting: mpsc::Receiver<Unit>) {
        let mut units = Vec::with_capacity(MAX_UNITS);
        while waiting.recv_many(&mut units, MAX_UNITS).await > 0 {
            for part in parts(std::mem::take(&mut units)) {
                metrics::histogram!("strongroom_commit_units").record(part.len() as f64);
                self.write(part).await;
            }
        }
    }

    /// Writes the units in as few transactions as it takes: units that conflict are left out and the rest tried again.
    async fn write(&mut self, mut units: Vec<Unit>) {
        let mut conflicting = Vec::new();
        while !units.is_empty() {
            let bundle = self
                .stream
                .seal(units.iter().map(|unit| (&unit.permit, unit.events.as_slice())), self.clock.now());
            // Effects are moved into the batch and, if the units have to be tried again, moved back: no copy on the way.
            let batch = Batch {
                units: units.iter_mut().map(|unit| std::mem::take(&mut unit.effects)).collect(),
                bundle: bundle.row.clone(),
                head: bundle.head.clone(),
            };
            let outcome = self.store.commit(&batch).await;
            let outcome = match outcome {
                Err(CommitError::Store(_)) => self.find_out(&bundle).await,
                settled => settled,
            };
            match outcome {
                Ok(()) => {
                    self.committed(bundle, units);
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
                    self.refuse(units, &error);
                    break;
                }
            }
        }
        // Only now: the rows they lost against are durable, so a second look finds them.
        for unit in conflicting {
            let _ = unit.reply.send(Err(Refusal::Conflict(unit.permit)));
        }
    }

    fn committed(&mut self, bundle: SealedBundle, units: Vec<Unit>) {
        self.stream.advance(bundle);
        self.moved.send_replace(StreamPosition {
            size: self.stream.size(),
            root: self.stream.root(),
            fenced: false,
        });
        for unit in units {
            if let Some(act) = unit.on_commit {
                act();
            }
            // A caller that went away is no matter: what it asked for is done and on record.
            let _ = unit.reply.send(Ok(()));
        }
    }

    fn refuse(&self, units: Vec<Unit>, error: &CommitError) {
        tracing::error!(%error, units = units.len(), "a commit failed");
        metrics::counter!("strongroom_commit_failures_total").increment(1);
        if matches!(error, CommitError::Fenced) {
            self.moved.send_modify(|position| position.fenced = true);
        }
        for unit in units {
            let _ = unit.reply.send(Err(Refusal::Failed(VaultError::AuditUnavailable)));
        }
    }

    /// The database gave no answer, which says nothing of whether it wrote. The stream's head does: it stands either
    /// where it stood, or exactly after this bundle. Until that is known nothing else can be numbered.
    async fn find_out(&self, bundle: &SealedBundle) -> Result<(), CommitError> {
        let mut pause = Duration::from_millis(10);
        loop {
            match self.store.stream_head(self.stream.name()).await {
                Ok(head) => {
                    let size = head.as_ref().map_or(0, |head| head.size);
                    return if head.as_ref() == Some(&bundle.head) {
                        Ok(())
                    } else if size == self.stream.size() {
                        Err(CommitError::Store(crate::ports::store::StoreError::Unavailable("not written")))
                    } else {
                        Err(CommitError::Fenced)
                    };
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot tell whether the last commit was written; asking again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(1));
                }
            }
        }
    }
}

/// Cuts what queued up where the records would become too many for one bundle.
fn parts(units: Vec<Unit>) -> Vec<Vec<Unit>> {
    let mut parts: Vec<Vec<Unit>> = Vec::with_capacity(1);
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
