//! The arithmetic of a limit.
//!
//! Time is cut into slots of half a window. Any stretch of time as long as the window touches three slots at most, so as
//! long as three neighbouring slots together hold no more than the limit, no such stretch does. What was taken frees
//! again one to one and a half windows later, in steps; that is the price for keeping three numbers and not every moment.

use strongroom_domain::{Timestamp, VelocityLimit};

use crate::ports::store::VelocityRow;

/// What was taken of a limit, as of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    slot_millis: u32,
    slot: i64,
    current: u64,
    previous: u64,
    earlier: u64,
}

/// How long a slot of this limit is.
const fn slot_millis(limit: VelocityLimit) -> u32 {
    limit.window_seconds().saturating_mul(500)
}

/// The slot that a moment is in.
pub(super) fn slot_at(limit: VelocityLimit, now: Timestamp) -> i64 {
    now.unix_millis().div_euclid(i64::from(slot_millis(limit)))
}

impl Window {
    /// What is written of a count, seen from a later moment and under the limit that holds now.
    pub(super) fn of(row: Option<&VelocityRow>, limit: VelocityLimit, now: Timestamp) -> Self {
        let empty = Self {
            slot_millis: slot_millis(limit),
            slot: slot_at(limit, now),
            current: 0,
            previous: 0,
            earlier: 0,
        };
        let Some(row) = row else { return empty };
        if row.slot_millis != empty.slot_millis {
            // Counted under a limit of another length: all of it counts as taken now, which is never too little.
            let taken = row.current.saturating_add(row.previous).saturating_add(row.earlier);
            return Self { current: taken, ..empty };
        }
        match empty.slot.saturating_sub(slot_at(limit, row.latest)) {
            ..=0 => Self { current: row.current, previous: row.previous, earlier: row.earlier, ..empty },
            1 => Self { previous: row.current, earlier: row.previous, ..empty },
            2 => Self { earlier: row.current, ..empty },
            3.. => empty,
        }
    }

    /// How many items may still be taken.
    pub(super) fn left(&self, limit: VelocityLimit) -> u64 {
        u64::from(limit.items())
            .saturating_sub(self.current)
            .saturating_sub(self.previous)
            .saturating_sub(self.earlier)
    }

    /// When so many items can be taken, if nobody takes any meanwhile. More than the limit never can; the answer is then
    /// when as many as possible can.
    pub(super) fn frees_at(&self, limit: VelocityLimit, items: u64) -> Timestamp {
        let items = items.min(u64::from(limit.items()));
        let fits = |still_counted: u64| u64::from(limit.items()).saturating_sub(still_counted) >= items;
        let slots = if fits(self.current.saturating_add(self.previous)) {
            1
        } else if fits(self.current) {
            2
        } else {
            3
        };
        let slot = self.slot.saturating_add(slots);
        Timestamp::from_unix_millis(slot.saturating_mul(i64::from(self.slot_millis)))
    }

    /// The row to be written when so many items are taken now. Its MAC is still to be made.
    pub(super) fn taking(&self, items: u64, row: VelocityRow, now: Timestamp) -> VelocityRow {
        VelocityRow {
            slot_millis: self.slot_millis,
            latest: now,
            current: self.current.saturating_add(items),
            previous: self.previous,
            earlier: self.earlier,
            ..row
        }
    }
}

#[cfg(test)]
mod tests {
    use strongroom_domain::{ServiceName, TenantId, VelocityCounter};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000)
    }

    fn limit() -> VelocityLimit {
        VelocityLimit::new(100, 60).unwrap()
    }

    fn row(latest: i64, counts: [u64; 3]) -> VelocityRow {
        let [current, previous, earlier] = counts;
        VelocityRow {
            tenant: TenantId::parse("acme").unwrap(),
            service: ServiceName::parse("shop").unwrap(),
            counter: VelocityCounter::SEARCH,
            slot_millis: 30_000,
            latest: at(latest),
            current,
            previous,
            earlier,
            row_version: 1,
            mac: [0; 32],
        }
    }

    #[test]
    fn what_was_taken_grows_old_slot_by_slot() {
        let row = row(10, [30, 20, 10]);
        for (now, left) in [(10, 40), (29, 40), (30, 50), (59, 50), (60, 70), (89, 70), (90, 100), (900, 100)]
        {
            assert_eq!(Window::of(Some(&row), limit(), at(now)).left(limit()), left, "after {now} seconds");
        }
        assert_eq!(Window::of(None, limit(), at(10)).left(limit()), 100);
    }

    /// Every pattern of takings, one a second and each of as much as there is: no minute sees more than the limit.
    #[test]
    fn no_stretch_as_long_as_the_window_sees_more_than_the_limit() {
        for step in 1..=61_u64 {
            let mut known: Option<VelocityRow> = None;
            let mut taken = Vec::new();
            for now in 0..600 {
                let window = Window::of(known.as_ref(), limit(), at(now));
                let items = window.left(limit()).min(step);
                taken.push(items);
                known = Some(window.taking(items, known.unwrap_or_else(|| row(0, [0; 3])), at(now)));
            }
            assert!(taken.windows(60).all(|minute| minute.iter().sum::<u64>() <= 100), "by {step}");
            assert!(taken.iter().sum::<u64>() >= 600.min(step * 600), "by {step}: it frees again");
        }
    }

    #[test]
    fn it_says_when_there_will_be_room() {
        let frees =
            |counts, items| Window::of(Some(&row(10, counts)), limit(), at(10)).frees_at(limit(), items);
        assert_eq!(frees([0, 0, 100], 1), at(30));
        assert_eq!(frees([0, 100, 0], 1), at(60));
        assert_eq!(frees([100, 0, 0], 1), at(90));
        assert_eq!(frees([40, 30, 30], 30), at(30));
        assert_eq!(frees([40, 30, 30], 31), at(60));
        assert_eq!(frees([40, 30, 30], 61), at(90));
        assert_eq!(frees([40, 30, 30], 1000), at(90));
    }

    #[test]
    fn a_limit_of_another_length_frees_nothing() {
        let other = VelocityLimit::new(100, 600).unwrap();
        assert_eq!(Window::of(Some(&row(10, [30, 20, 10])), other, at(5000)).left(other), 40);
    }
}
