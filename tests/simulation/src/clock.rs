//! The wall clock of the simulated world: it goes with simulated time, and jumps.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use strongroom_core::ports::Clock;
use strongroom_domain::Timestamp;
use tokio::time::Instant;

use crate::hold;

const BEGINNING: i64 = 1_795_000_000_000;
/// Jumps never add up to more, so that no stored answer grows old enough to be forgotten.
const FARTHEST: i64 = 8 * 3_600_000;

/// Read by every node.
pub(crate) struct SimulatedClock {
    started: Instant,
    ahead: AtomicI64,
    jumps: Mutex<Vec<Jump>>,
}

#[derive(Clone, Copy)]
struct Jump {
    before: i64,
    after: i64,
}

/// A moment to look back to.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    jumps: usize,
    now: i64,
}

impl SimulatedClock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), ahead: AtomicI64::new(0), jumps: Mutex::default() }
    }

    /// Jumps by so many milliseconds, either way.
    pub(crate) fn jump(&self, millis: i64) {
        let before = self.now().unix_millis();
        let ahead = self.ahead.load(Ordering::SeqCst).saturating_add(millis).clamp(-FARTHEST, FARTHEST);
        self.ahead.store(ahead, Ordering::SeqCst);
        let after = self.now().unix_millis();
        hold(&self.jumps).push(Jump { before, after });
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { jumps: hold(&self.jumps).len(), now: self.now().unix_millis() }
    }

    /// The earliest and the latest time that was shown since the mark.
    pub(crate) fn shown_since(&self, mark: Mark) -> (Timestamp, Timestamp) {
        let now = self.now().unix_millis();
        let (mut earliest, mut latest) = (mark.now.min(now), mark.now.max(now));
        for jump in hold(&self.jumps).iter().skip(mark.jumps) {
            earliest = earliest.min(jump.after);
            latest = latest.max(jump.before);
        }
        (Timestamp::from_unix_millis(earliest), Timestamp::from_unix_millis(latest))
    }

    /// The latest time that was ever shown.
    pub(crate) fn latest_ever(&self) -> Timestamp {
        self.shown_since(Mark { jumps: 0, now: BEGINNING }).1
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_unix_millis(BEGINNING + passed + self.ahead.load(Ordering::SeqCst))
    }
}
