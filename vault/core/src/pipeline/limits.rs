//! How operations keep to the limits of their callers. Items are taken before the commit, so that nothing leaves uncounted,
//! and given back by whoever drops them, so that nothing counts that did not leave.

use strongroom_domain::{Principal, VelocityCounter};

use crate::VaultError;
use crate::vault::Core;
use crate::velocity::Spending;

/// Refuses before any work what could not be given out afterwards.
pub(super) fn check(
    core: &Core,
    principal: &Principal,
    counter: Option<VelocityCounter>,
    asks_for_tokens: bool,
) -> Result<(), VaultError> {
    if asks_for_tokens {
        core.check_velocity(principal, VelocityCounter::MISS)?;
    }
    counter.map_or(Ok(()), |counter| core.check_velocity(principal, counter))
}

/// Takes what is about to be given out.
pub(super) async fn take(
    core: &Core,
    principal: &Principal,
    counter: Option<VelocityCounter>,
    items: usize,
) -> Result<Option<Spending>, VaultError> {
    match counter.filter(|_| items > 0) {
        Some(counter) => {
            let items = u32::try_from(items).unwrap_or(u32::MAX);
            core.spend(principal, counter, items).await.map(Some)
        }
        None => Ok(None),
    }
}

/// A token that does not exist is a guess, perhaps; too many, and it is not even said that it does not exist.
pub(super) async fn count_miss<T>(
    core: &Core,
    principal: &Principal,
    prepared: Result<T, VaultError>,
) -> Result<T, VaultError> {
    if matches!(prepared, Err(VaultError::NotFound)) {
        core.spend(principal, VelocityCounter::MISS, 1).await?.settle();
    }
    prepared
}
