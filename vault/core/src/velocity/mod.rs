//! How fast values leave: each identity's limits, kept exactly over all nodes and over crashes (ADR 0016).
//!
//! What is counted stands in the store, one row for each count. A node takes items from it in blocks, durably, before it
//! uses them; between two blocks a request costs a look into memory. What a node holds when it ends counts as used.

mod account;
mod window;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use strongroom_domain::{
    LimitScope, Principal, ServiceName, TenantId, Timestamp, VelocityCounter, VelocityKind, VelocityLimit,
};
use tokio::time::Instant;

use crate::VaultError;
use crate::ports::store::VelocityRow;
use crate::vault::Core;
use account::{Account, Grant};

/// How often a block is tried for. Each loss means that another node took one.
const MAX_ATTEMPTS: usize = 64;

/// The limits of every identity that has none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultVelocityLimits {
    /// Values given out in full, for each purpose by itself.
    pub reveal: VelocityLimit,
    /// Protected fields opened.
    pub decrypt: VelocityLimit,
    /// Searches by value.
    pub search: VelocityLimit,
    /// Tokens asked for that do not exist.
    pub miss: VelocityLimit,
}

impl DefaultVelocityLimits {
    /// Room for a busy service, and none for a theft of everything in an afternoon.
    pub const fn safe() -> Self {
        Self {
            reveal: limit(100_000, 3600),
            decrypt: limit(1_000_000, 3600),
            search: limit(3600, 3600),
            miss: limit(300, 60),
        }
    }

    /// All of them, by what they are for.
    pub fn by_kind(self) -> impl Iterator<Item = (LimitScope, VelocityLimit)> {
        VelocityKind::ALL.iter().map(move |kind| (LimitScope::of_kind(*kind), self.of(*kind)))
    }

    const fn of(self, kind: VelocityKind) -> VelocityLimit {
        match kind {
            VelocityKind::Reveal => self.reveal,
            VelocityKind::Decrypt => self.decrypt,
            VelocityKind::Search => self.search,
            VelocityKind::Miss => self.miss,
        }
    }
}

const fn limit(items: u32, window_seconds: u32) -> VelocityLimit {
    match VelocityLimit::new(items, window_seconds) {
        Ok(limit) => limit,
        Err(_) => VelocityLimit::STRICTEST,
    }
}

/// Time as this node has seen it pass since it started. The wall clock is looked at once: nobody opens a new window by
/// setting it, and none stays shut because it was set back.
pub(crate) struct SteadyClock {
    started_at: Timestamp,
    started: Instant,
}

impl SteadyClock {
    fn now(&self) -> Timestamp {
        self.started_at.plus(self.started.elapsed())
    }
}

type Who = (TenantId, ServiceName, VelocityCounter);

/// What this node holds of the limits of all identities.
pub(crate) struct Velocity {
    clock: SteadyClock,
    accounts: Mutex<HashMap<Who, Arc<Account>>>,
}

/// Items that were taken for a request. What is not [settled](Spending::settle) is given back: it did not leave.
pub(crate) struct Spending {
    account: Arc<Account>,
    limit: VelocityLimit,
    grant: Grant,
    settled: bool,
}

impl Spending {
    /// They have left.
    pub(crate) fn settle(mut self) {
        self.settled = true;
    }
}

impl Drop for Spending {
    fn drop(&mut self) {
        if !self.settled {
            self.account.give_back(self.limit, self.grant.slot, self.grant.items);
        }
    }
}

impl Velocity {
    pub(crate) fn starting_at(now: Timestamp) -> Self {
        let clock = SteadyClock { started_at: now, started: Instant::now() };
        Self { clock, accounts: Mutex::default() }
    }

    fn account(&self, principal: &Principal, counter: VelocityCounter) -> Arc<Account> {
        let who = (principal.tenant().clone(), principal.id.service().clone(), counter);
        Arc::clone(self.accounts.lock().unwrap_or_else(PoisonError::into_inner).entry(who).or_default())
    }
}

impl Core {
    /// The limit that bounds the caller.
    fn velocity_limit(&self, principal: &Principal, counter: VelocityCounter) -> VelocityLimit {
        self.current
            .load()
            .identity(principal.tenant(), principal.id.service())
            .and_then(|identity| identity.row.velocity_limits.of(counter))
            .unwrap_or_else(|| self.settings.velocity.of(counter.kind()))
    }

    /// Refuses at once where not one more item is to be had: what would be prepared could not be given out.
    pub(crate) fn check_velocity(
        &self,
        principal: &Principal,
        counter: VelocityCounter,
    ) -> Result<(), VaultError> {
        let limit = self.velocity_limit(principal, counter);
        let account = self.velocity.account(principal, counter);
        account.is_used_up(counter, limit, &self.velocity.clock).map_or(Ok(()), Err)
    }

    /// Takes so many items for the caller: all of them, or it is refused and none is taken.
    pub(crate) async fn spend(
        &self,
        principal: &Principal,
        counter: VelocityCounter,
        items: u32,
    ) -> Result<Spending, VaultError> {
        let limit = self.velocity_limit(principal, counter);
        let account = self.velocity.account(principal, counter);
        let clock = &self.velocity.clock;
        let taken = |grant| Spending { account: Arc::clone(&account), limit, grant, settled: false };
        if let Some(outcome) = account.take_held(counter, limit, items, clock) {
            return outcome.map(taken);
        }
        let _turn = account.turn.lock().await;
        if !account.has_seen() {
            self.read_count(principal, counter, &account).await?;
        }
        for _ in 0..MAX_ATTEMPTS {
            if let Some(outcome) = account.take_held(counter, limit, items, clock) {
                return outcome.map(taken);
            }
            let offer = account.offer(counter, limit, items, clock)?;
            let before = account.seen().unwrap_or_else(|| never_counted(principal, counter));
            let mut row = offer.row(before);
            row.row_version = row.row_version.saturating_add(1);
            row.mac = self.registry().authenticator().velocity_mac(&row);
            match self.store().put_velocity(&row).await {
                Ok(true) => {
                    account.keep(Some(row), clock)?;
                    account.took(limit, &offer);
                    metrics::counter!("strongroom_velocity_blocks_total").increment(1);
                }
                Ok(false) => self.read_count(principal, counter, &account).await?,
                Err(error) => {
                    account.forget_seen();
                    return Err(error.into());
                }
            }
        }
        Err(VaultError::Overloaded)
    }

    async fn read_count(
        &self,
        principal: &Principal,
        counter: VelocityCounter,
        account: &Account,
    ) -> Result<(), VaultError> {
        account.forget_seen();
        let (tenant, service) = (principal.tenant(), principal.id.service());
        let row = self.store().find_velocity(tenant, service, counter).await?;
        if row.as_ref().is_some_and(|row| !self.registry().authenticator().verify_velocity(row)) {
            tracing::error!("a velocity count failed its MAC: it was altered outside the vault");
            return Err(VaultError::IntegrityFailure);
        }
        account.keep(row, &self.velocity.clock)
    }
}

/// The row before the first one.
fn never_counted(principal: &Principal, counter: VelocityCounter) -> VelocityRow {
    VelocityRow {
        tenant: principal.tenant().clone(),
        service: principal.id.service().clone(),
        counter,
        slot_millis: 1,
        latest: Timestamp::from_unix_millis(0),
        current: 0,
        previous: 0,
        earlier: 0,
        row_version: 0,
        mac: [0; 32],
    }
}
