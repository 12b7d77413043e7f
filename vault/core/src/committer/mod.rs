//! Group commit: whatever queued up while the last commit ran becomes the next one.
//!
//! A unit is the effects of one request with its audit records; a batch of units is one transaction, so a record exists
//! exactly when its effect does. Batches are written by *lanes*, each the only writer of an audit stream of its own. A
//! lane that is free takes all that waits and all that is on its way to it; nothing waits for what has not arrived.

mod lane;
mod unit;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use crate::VaultError;
use crate::audit::{AuditStream, EventDraft, FullSegments};
use crate::pipeline::Permit;
use crate::ports::store::Effect;
use crate::ports::{Clock, Store};
use lane::Lane;
use unit::{Refusal, Unit};

/// The most units that may wait. Beyond it the answer is "overloaded" at once rather than late.
const QUEUE_LENGTH: usize = 4096;

/// What runs once the transaction is durable and before anyone is answered. In the lane's task, so a caller that goes
/// away cannot keep a committed change from taking effect.
pub(crate) type OnCommit = Box<dyn FnOnce() + Send>;

/// Hands units to the lanes.
#[derive(Clone)]
pub(crate) struct Committer {
    queue: mpsc::Sender<Unit>,
    lanes: Arc<[watch::Receiver<StreamPosition>]>,
    segments: Arc<FullSegments>,
    patience: Duration,
}

/// Where a lane's stream stands, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamPosition {
    pub(crate) stream: Arc<str>,
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
    pub(crate) condition: LaneCondition,
}

/// How a lane fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaneCondition {
    /// It writes.
    Writing,
    /// It waits to learn what became of a commit.
    InDoubt,
    /// Its stream was continued by another process; it no longer writes.
    Fenced,
}

/// Why a unit was not written.
pub(crate) enum SubmitError {
    /// What is stored has moved on since it was read: prepare again with the permit that comes back.
    Conflict(Permit),
    Failed(VaultError),
}

impl Committer {
    /// Starts a lane for each stream. They end, having written what they took in, when the last handle is gone.
    pub(crate) fn start(
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        streams: Vec<AuditStream>,
        patience: Duration,
    ) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let (queue, waiting) = mpsc::channel(QUEUE_LENGTH);
        let waiting = Arc::new(Mutex::new(waiting));
        let segments = Arc::new(FullSegments::default());
        let mut lanes = Vec::with_capacity(streams.len());
        let mut tasks = Vec::with_capacity(streams.len());
        for stream in streams {
            let (lane, position) =
                Lane::new(Arc::clone(store), Arc::clone(clock), stream, Arc::clone(&segments));
            lanes.push(position);
            tasks.push(tokio::spawn(lane.run(Arc::clone(&waiting))));
        }
        (Self { queue, lanes: lanes.into(), segments, patience }, tasks)
    }

    /// Where each stream of this node stands, durably.
    pub(crate) fn positions(&self) -> Vec<StreamPosition> {
        self.lanes.iter().map(|lane| lane.borrow().clone()).collect()
    }

    /// The segments that the lanes have filled.
    pub(crate) fn segments(&self) -> &FullSegments {
        &self.segments
    }

    /// Whether records can be written.
    pub(crate) fn is_writing(&self) -> bool {
        self.lanes.iter().any(|lane| lane.borrow().condition == LaneCondition::Writing)
    }

    /// Spends the permit; returns when the unit is durable. A unit that no lane has taken up in time is not written; if
    /// one has, it may yet be, which is what `Idempotency-Key` is for.
    pub(crate) async fn submit(
        &self,
        permit: Permit,
        effects: Vec<Effect>,
        events: Vec<EventDraft>,
        on_commit: Option<OnCommit>,
    ) -> Result<(), SubmitError> {
        if !self.is_writing() {
            return Err(SubmitError::Failed(VaultError::AuditUnavailable));
        }
        let deadline = Instant::now() + self.patience;
        let (reply, answer) = oneshot::channel();
        let unit = Unit { permit: permit.spend(), effects, events, on_commit, deadline, reply };
        self.queue.try_send(unit).map_err(|error| {
            SubmitError::Failed(match error {
                mpsc::error::TrySendError::Full(_) => VaultError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => VaultError::AuditUnavailable,
            })
        })?;
        match timeout_at(deadline, answer).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(Refusal::Conflict(permit)))) => Err(SubmitError::Conflict(permit.0)),
            Ok(Ok(Err(Refusal::Failed(error)))) => Err(SubmitError::Failed(error)),
            Ok(Err(_)) | Err(_) => Err(SubmitError::Failed(VaultError::AuditUnavailable)),
        }
    }
}
