//! Signed checkpoints over records that are still to come.

use std::collections::BTreeMap;

use crate::audit_v1::Checkpoint;

/// A checkpoint, and whether it came from outside the export.
pub(super) struct Claim {
    pub(super) checkpoint: Checkpoint,
    pub(super) remembered: bool,
}

/// Claims by the number of records they cover.
#[derive(Default)]
pub(super) struct Claims {
    by_size: BTreeMap<u64, Vec<Claim>>,
    of_export: usize,
}

impl Claims {
    /// Only signed checkpoints get here, yet an export could be stuffed with all that ever were.
    const MOST_OF_EXPORT: usize = 16 * 1024;

    /// Keeps one that a witness remembered.
    pub(super) fn remember(&mut self, checkpoint: Checkpoint) {
        self.add(Claim { checkpoint, remembered: true });
    }

    /// Keeps one of the export that stands before its records; false when there are too many of them.
    pub(super) fn hold(&mut self, checkpoint: Checkpoint) -> bool {
        let room = self.of_export < Self::MOST_OF_EXPORT;
        if room {
            self.of_export += 1;
            self.add(Claim { checkpoint, remembered: false });
        }
        room
    }

    fn add(&mut self, claim: Claim) {
        let same_size = self.by_size.entry(claim.checkpoint.size()).or_default();
        if same_size.iter().all(|other| other.checkpoint != claim.checkpoint) {
            same_size.push(claim);
        }
    }

    /// Those over exactly so many records.
    pub(super) fn take(&mut self, size: u64) -> Vec<Claim> {
        if self.by_size.is_empty() {
            return Vec::new();
        }
        self.by_size.remove(&size).unwrap_or_default()
    }

    /// The most records that any covers.
    pub(super) fn largest(&self) -> Option<u64> {
        self.by_size.last_key_value().map(|(size, _)| *size)
    }

    /// The sizes, other than nothing, of those over fewer records than these.
    pub(super) fn before(&self, start: u64) -> Vec<u64> {
        self.by_size.keys().copied().filter(|size| (1..start).contains(size)).collect()
    }
}
