//! Made-up card numbers, all different.

use std::sync::atomic::{AtomicU64, Ordering};

/// Hands out one number after another.
pub(crate) struct Cards(AtomicU64);

impl Cards {
    /// Begins at a place of the run's own, so that runs over one database do not repeat each other's.
    pub(crate) const fn starting_at(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }

    /// Sixteen digits with a right check digit.
    pub(crate) fn next(&self) -> String {
        let body = format!("411111{:09}", self.0.fetch_add(1, Ordering::Relaxed) % 1_000_000_000);
        let sum: u32 = body
            .bytes()
            .rev()
            .zip([true, false].into_iter().cycle())
            .map(|(digit, doubled)| {
                let value = u32::from(digit - b'0') * if doubled { 2 } else { 1 };
                if value > 9 { value - 9 } else { value }
            })
            .sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    }
}
