//! The one store under both nodes, and the faults that can be planted in it to see whether they are found.

use std::sync::atomic::{AtomicU64, Ordering};

use strongroom_contract::MemoryStore;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Batch, BundleRow, CommitError, Effect, StoreError};
use strongroom_domain::TokenState;

/// A fault that the vault cannot see and the simulation must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// None: the store keeps its contract.
    Nothing,
    /// Now and then the effects of a commit are lost while its records stay.
    DropsEffects,
    /// Now and then the records of a commit are written twice.
    WritesTwice,
    /// A single-use token is not ended by its use.
    KeepsUsedTokens,
    /// A bundle of records is gone.
    LosesBundle,
    /// Answers to requests that must happen once are not kept.
    ForgetsAnswers,
    /// A value may have several deterministic tokens.
    AllowsTwins,
    /// A deleted token is still there.
    KeepsDeletedTokens,
}

/// The store in memory with what is planted in it.
pub(crate) struct Disk {
    pub(crate) memory: MemoryStore,
    planted: Planted,
    commits: AtomicU64,
}

impl Disk {
    pub(crate) fn new(planted: Planted) -> Self {
        Self { memory: MemoryStore::new(), planted, commits: AtomicU64::new(0) }
    }

    pub(crate) async fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        if self.planted == Planted::Nothing {
            return self.memory.commit(batch).await;
        }
        let count = self.commits.fetch_add(1, Ordering::SeqCst);
        let mut altered = copy_of(batch);
        for effects in &mut altered.units {
            match self.planted {
                Planted::DropsEffects if count % 40 == 39 => effects.clear(),
                Planted::KeepsUsedTokens => effects.retain(|effect| !ends(effect, TokenState::Used)),
                Planted::KeepsDeletedTokens => effects.retain(|effect| !ends(effect, TokenState::Deleted)),
                Planted::ForgetsAnswers => {
                    effects.retain(|effect| !matches!(effect, Effect::InsertAnswer(_)))
                }
                Planted::AllowsTwins => effects.iter_mut().for_each(|effect| {
                    if let Effect::InsertFingerprint(row) = effect {
                        row.deterministic = false;
                    }
                }),
                _ => {}
            }
        }
        self.memory.commit(&altered).await?;
        if self.planted == Planted::WritesTwice && count % 40 == 39 {
            self.memory.commit(&once_more(altered)).await?;
        }
        Ok(())
    }

    pub(crate) async fn read_bundles(
        &self,
        stream: &str,
        from: u64,
        limit: u32,
    ) -> Result<Vec<BundleRow>, StoreError> {
        const LOST: u64 = 60;
        let mut bundles = self.memory.read_bundles(stream, from, limit).await?;
        if self.planted == Planted::LosesBundle {
            bundles.retain(|bundle| !(bundle.first_sequence..bundle.end()).contains(&LOST));
        }
        Ok(bundles)
    }
}

/// The same batch again, for a database that has taken it in and is not done with it.
pub(crate) fn copy_of(batch: &Batch) -> Batch {
    Batch { units: batch.units.clone(), bundle: batch.bundle.clone() }
}

fn once_more(mut batch: Batch) -> Batch {
    batch.units.iter_mut().for_each(Vec::clear);
    batch.bundle.first_sequence = batch.bundle.end();
    batch
}

fn ends(effect: &Effect, as_state: TokenState) -> bool {
    matches!(effect, Effect::ReviseToken { row, .. } if row.state == as_state)
}
