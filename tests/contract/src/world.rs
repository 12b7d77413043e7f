//! The small ports, under a test's control.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use strongroom_core::ports::{Clock, Entropy, EntropyError, Witness, WitnessError};
use strongroom_domain::Timestamp;

/// A clock that moves when it is told to.
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at this time.
    pub const fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.unix_millis()))
    }

    /// Moves on.
    pub fn advance(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Somebody sets it back.
    pub fn set_back(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_sub(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Randomness that a seed reproduces.
pub struct SeededEntropy {
    seed: u64,
    counter: Mutex<u64>,
}

impl SeededEntropy {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed, counter: Mutex::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let mut counter = self.counter.lock().map_err(|_| EntropyError)?;
        for chunk in buffer.chunks_mut(32) {
            *counter += 1;
            let block =
                Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(counter.to_be_bytes());
            for (to, from) in chunk.iter_mut().zip(block.finalize()) {
                *to = from;
            }
        }
        Ok(())
    }
}

/// Remembers every checkpoint; can be told to refuse.
#[derive(Default)]
pub struct MemoryWitness {
    notes: Mutex<Vec<String>>,
    refuses: AtomicBool,
}

impl MemoryWitness {
    /// What it has been given.
    pub fn notes(&self) -> Vec<String> {
        self.notes.lock().map(|notes| notes.clone()).unwrap_or_default()
    }

    /// Refuse from now on, or no longer.
    pub fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }
}

#[async_trait]
impl Witness for MemoryWitness {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn publish(&self, note: &str) -> Result<(), WitnessError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(WitnessError);
        }
        self.notes.lock().map_err(|_| WitnessError)?.push(note.to_owned());
        Ok(())
    }
}
