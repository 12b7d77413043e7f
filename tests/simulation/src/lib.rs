//! The whole core on a simulated clock, store, HSM and network, all drawn from one seed: random requests and faults
//! against a model of what must be so. The same seed gives the same run, so a failure can be looked at as often as it
//! takes.
//!
//! Two nodes serve from one store and one HSM. Clients ask either; requests and answers get lost; the store and the HSM
//! are slow, flaky or away for a time; nodes crash between any two of their steps and start again; the clock jumps both
//! ways. From time to time everything falls quiet: the nodes must come back by themselves, what was in doubt is looked
//! up, the record is taken away and verified, and everything must add up.

mod asking;
mod clients;
mod clock;
mod dice;
mod disk;
mod hsm_line;
mod life;
mod line;
mod model;
mod node;
mod quiet;
mod script;
mod store_line;
mod trace;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use disk::Planted;
pub use trace::Violation;

/// What to play.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What everything is drawn from.
    pub seed: u64,
    /// How many steps.
    pub steps: u64,
    /// A fault to be found.
    pub planted: Planted,
    /// Whether a commit may be written after its caller was told that there is no answer.
    pub late_commits: bool,
    /// Whether a tenant's tokenization key may get a version before every node has heard of the one before.
    pub rotates_freely: bool,
    /// Whether all that happened is to be told, not only what led up to a failure.
    pub keeps_history: bool,
}

impl Plan {
    /// So many steps from this seed, with nothing planted.
    pub const fn of(seed: u64, steps: u64) -> Self {
        Self {
            seed,
            steps,
            planted: Planted::Nothing,
            late_commits: false,
            rotates_freely: false,
            keeps_history: false,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Steps that were taken.
    pub steps: u64,
    /// Names all that happened: two runs of one plan have the same.
    pub fingerprint: u64,
    /// The first rule that was broken.
    pub violation: Option<Violation>,
    /// All that happened, if it was asked for.
    pub history: Vec<String>,
}

/// Plays a plan.
///
/// # Errors
/// When the simulation itself fails: a world cannot be set up, or a task of it panicked.
pub fn run(plan: Plan) -> Result<Outcome, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let world = world::World::found(plan).await?;
        let steps = script::play(&world, plan.steps).await.map_err(|error| error.to_string())?;
        Ok(Outcome {
            steps,
            fingerprint: world.trace.fingerprint(),
            violation: world.trace.violation(),
            history: world.trace.history(),
        })
    })
}

/// A lock for a moment. A thread that panicked with it has failed the run anyway.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
