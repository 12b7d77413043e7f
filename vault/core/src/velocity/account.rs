use std::sync::{Mutex, MutexGuard, PoisonError};

use strongroom_domain::{Timestamp, VelocityCounter, VelocityLimit};
use tokio::time::Instant;

use super::SteadyClock;
use super::window::{Window, slot_at};
use crate::VaultError;
use crate::ports::store::VelocityRow;

/// A block is never more than this part of what is left, so that what a node holds back is little when the end is near.
const SHARE_OF_THE_REST: u64 = 8;

/// What this node holds of one identity's one limit.
#[derive(Default)]
pub(super) struct Account {
    held: Mutex<Held>,
    /// Held while a block is being taken: one does, the others wait for what it brings.
    pub(super) turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Held {
    block: Option<Block>,
    refused: Option<Refused>,
    /// The row as it was last seen, if it was there.
    seen: Option<Option<VelocityRow>>,
    /// No row of a version below this one is believed any more.
    newest: u64,
    /// The latest time that is known from any node's writing, and when this node came to know it.
    latest: Option<(Timestamp, Instant)>,
}

/// Items taken and not yet used. They count in the slot in which they were taken, so they end with it.
#[derive(Clone, Copy)]
struct Block {
    limit: VelocityLimit,
    slot: i64,
    left: u32,
    /// How many it had at first.
    size: u64,
}

/// So many items were not to be had, in the same slot and under the same limit.
#[derive(Clone, Copy)]
struct Refused {
    limit: VelocityLimit,
    slot: i64,
    items: u64,
    frees_at: Timestamp,
}

/// What was taken of a block.
pub(super) struct Grant {
    pub(super) items: u32,
    pub(super) slot: i64,
}

/// A block that could be taken.
pub(super) struct Offer {
    window: Window,
    now: Timestamp,
    pub(super) items: u64,
}

impl Account {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes from what is held. `None`: only the store can tell.
    pub(super) fn take_held(
        &self,
        counter: VelocityCounter,
        limit: VelocityLimit,
        items: u32,
        clock: &SteadyClock,
    ) -> Option<Result<Grant, VaultError>> {
        let mut held = self.held();
        let now = held.now(clock);
        let slot = slot_at(limit, now);
        let left = held.left(limit, slot);
        let refused = held.refused(limit, slot);
        if left < items {
            // What others hold of it does not come back: what was not to be had in this slot is not to be had now.
            let refused = refused.filter(|refused| u64::from(items - left) >= refused.items)?;
            return Some(Err(exceeded(counter, refused.frees_at, now)));
        }
        if let Some(block) = &mut held.block {
            block.left = left - items;
        }
        Some(Ok(Grant { items, slot }))
    }

    /// What was taken is not used after all. A block that has ended meanwhile stays as it is.
    pub(super) fn give_back(&self, limit: VelocityLimit, slot: i64, items: u32) {
        if let Some(block) = self.held().block.as_mut().filter(|block| block.is(limit, slot)) {
            block.left = block.left.saturating_add(items);
        }
    }

    /// Whether not one more item is to be had.
    pub(super) fn is_used_up(
        &self,
        counter: VelocityCounter,
        limit: VelocityLimit,
        clock: &SteadyClock,
    ) -> Option<VaultError> {
        let held = self.held();
        let now = held.now(clock);
        let slot = slot_at(limit, now);
        let refused = held.refused(limit, slot).filter(|refused| refused.items <= 1)?;
        (held.left(limit, slot) == 0).then(|| exceeded(counter, refused.frees_at, now))
    }

    /// Whether the row was read before.
    pub(super) fn has_seen(&self) -> bool {
        self.held().seen.is_some()
    }

    /// The row as it was last seen.
    pub(super) fn seen(&self) -> Option<VelocityRow> {
        self.held().seen.clone().flatten()
    }

    /// Keeps a row that was read or written. An older one than was known: somebody has turned it back.
    pub(super) fn keep(&self, row: Option<VelocityRow>, clock: &SteadyClock) -> Result<(), VaultError> {
        let mut held = self.held();
        let version = row.as_ref().map_or(0, |row| row.row_version);
        if version < held.newest {
            tracing::error!("a velocity count was turned back outside the vault");
            return Err(VaultError::IntegrityFailure);
        }
        held.newest = version;
        if let Some(row) = &row {
            held.latest = Some((held.now(clock).max(row.latest), Instant::now()));
        }
        held.seen = Some(row);
        Ok(())
    }

    /// What is stored is not known for certain any more.
    pub(super) fn forget_seen(&self) {
        self.held().seen = None;
    }

    /// How large a block to take so that so many items are at hand. A block is twice the one before it: an identity in
    /// little haste takes little, one in much haste asks the store seldom.
    pub(super) fn offer(
        &self,
        counter: VelocityCounter,
        limit: VelocityLimit,
        items: u32,
        clock: &SteadyClock,
    ) -> Result<Offer, VaultError> {
        let mut held = self.held();
        let now = held.now(clock);
        let window = Window::of(held.seen.as_ref().and_then(Option::as_ref), limit, now);
        let slot = slot_at(limit, now);
        let (left, rest) = (held.left(limit, slot), window.left(limit));
        let missing = u64::from(items.saturating_sub(left));
        if missing > rest {
            let frees_at = window.frees_at(limit, missing);
            held.refused = Some(Refused { limit, slot, items: missing, frees_at });
            return Err(exceeded(counter, frees_at, now));
        }
        let before = held.block.filter(|block| block.is(limit, slot)).map_or(0, |block| block.size);
        let generous = before.saturating_mul(2).min(rest / SHARE_OF_THE_REST);
        Ok(Offer { window, now, items: missing.max(generous) })
    }

    /// The block was taken.
    pub(super) fn took(&self, limit: VelocityLimit, offer: &Offer) {
        let mut held = self.held();
        let slot = slot_at(limit, offer.now);
        let left = u64::from(held.left(limit, slot)).saturating_add(offer.items);
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        held.block = Some(Block { limit, slot, left, size: offer.items });
    }
}

impl Offer {
    /// The row to be written.
    pub(super) fn row(&self, before: VelocityRow) -> VelocityRow {
        self.window.taking(self.items, before, self.now)
    }
}

impl Held {
    /// The time: by this node's steady clock, or by what another node has written and what has passed since that was
    /// read. It never goes back, whatever is done to clocks, and it never stands still.
    fn now(&self, clock: &SteadyClock) -> Timestamp {
        let known = self.latest.map(|(latest, since)| latest.plus(since.elapsed()));
        known.map_or(clock.now(), |known| known.max(clock.now()))
    }

    fn left(&self, limit: VelocityLimit, slot: i64) -> u32 {
        self.block.filter(|block| block.is(limit, slot)).map_or(0, |block| block.left)
    }

    fn refused(&self, limit: VelocityLimit, slot: i64) -> Option<Refused> {
        self.refused.filter(|refused| refused.limit == limit && refused.slot == slot)
    }
}

impl Block {
    fn is(&self, limit: VelocityLimit, slot: i64) -> bool {
        self.limit == limit && self.slot == slot
    }
}

fn exceeded(counter: VelocityCounter, frees_at: Timestamp, now: Timestamp) -> VaultError {
    let millis = frees_at.unix_millis().saturating_sub(now.unix_millis());
    let seconds = u64::try_from(millis).unwrap_or_default().div_ceil(1000).max(1);
    VaultError::VelocityExceeded { counter, retry_after_seconds: seconds }
}
