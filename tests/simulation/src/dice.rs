//! Chance, all of it from one seed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;
use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::hold;

/// A source of chance. Whoever draws has dice of its own, so that one more draw here moves nothing there.
pub(crate) struct Dice(Mutex<StdRng>);

impl Dice {
    /// The dice of this seed with this name.
    pub(crate) fn named(seed: u64, name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, name).hash(&mut hasher);
        Self(Mutex::new(StdRng::seed_from_u64(hasher.finish())))
    }

    /// A number in the range.
    pub(crate) fn within(&self, range: RangeInclusive<u64>) -> u64 {
        hold(&self.0).random_range(range)
    }

    /// A position in a sequence of this length; 0 if it is empty.
    pub(crate) fn position(&self, length: usize) -> usize {
        if length == 0 { 0 } else { hold(&self.0).random_range(0..length) }
    }

    /// True in so many of a thousand cases.
    pub(crate) fn happens(&self, per_mille: u64) -> bool {
        self.within(1..=1000) <= per_mille
    }

    /// One of them.
    pub(crate) fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.position(from.len()))
    }
}
