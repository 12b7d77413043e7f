//! Housekeeping: what has served is destroyed.

use std::time::Duration;

use tokio::time::Instant;

use super::orphans::shred_orphans;
use super::period::Period;
use crate::VaultError;
use crate::audit::EventDraft;
use crate::pipeline::record_for_node;
use crate::ports::store::{Effect, SecurityCodeKeyRow};
use crate::vault::Core;

/// Codes removed in one commit: bounds how long the database is held.
const AT_A_TIME: u32 = 500;
/// How much longer than its period a key without codes is kept: what was being sealed at the period's end is written by then.
const GRACE: Duration = Duration::from_secs(60);

/// Wipes what is at hand here of keys whose time is over, or that another node destroys. Each node does it for itself.
pub(crate) async fn wipe(core: &Core) -> Result<(), VaultError> {
    core.security_codes.keep(None);
    let rows = core.store().security_code_keys().await?;
    for row in &rows {
        core.security_codes.end_of(core, row.key_id, Period(row.period));
    }
    core.security_codes.keep(Some(&rows));
    Ok(())
}

/// Removes expired codes and destroys the keys that have served, also those whose destruction another node began, and those
/// that no table knows. One node at a time need do it; two do no harm.
pub(crate) async fn shred(core: &Core) -> Result<(), VaultError> {
    remove_expired(core).await?;
    for row in core.store().security_code_keys().await? {
        if row.shredding_at.is_none() {
            if !is_due(core, &row).await? {
                continue;
            }
            // The intent is on record before what cannot be undone is done.
            let close = Effect::CloseSecurityCodeKey { period: row.period, at: core.clock().now() };
            record(core, BEGUN, vec![close], EventDraft::success().object(&row.hsm_key.label)).await?;
        }
        finish(core, &row).await?;
    }
    shred_orphans(core).await
}

/// What the record calls the intent to destroy a key, and the deed.
pub(super) const BEGUN: &str = "security-code-key.shred";
pub(super) const DONE: &str = "security-code-key.shredded";

/// On the record of this node.
pub(super) async fn record(
    core: &Core,
    action: &'static str,
    effects: Vec<Effect>,
    event: EventDraft,
) -> Result<(), VaultError> {
    let (node, request_id) = (&core.settings.node, core.own_request_id()?);
    record_for_node(core.committer(), node, action, request_id, effects, event).await
}

async fn remove_expired(core: &Core) -> Result<(), VaultError> {
    loop {
        let now = core.clock().now();
        let expired = core.store().expired_security_codes(now, AT_A_TIME).await?;
        if expired.is_empty() {
            return Ok(());
        }
        let count = expired.len();
        let remove = |(tenant, token)| Effect::DeleteSecurityCode { tenant, token, expired_by: Some(now) };
        let effects = expired.into_iter().map(remove).collect();
        record(core, "security-code.expire", effects, EventDraft::success().count(count)).await?;
        metrics::counter!("strongroom_security_codes_expired_total").increment(count as u64);
        if count < AT_A_TIME as usize {
            return Ok(());
        }
    }
}

/// Whether a key has served. A clock that was set back keeps none alive: how long this process has known the key counts too.
async fn is_due(core: &Core, row: &SecurityCodeKeyRow) -> Result<bool, VaultError> {
    let (period, now) = (Period(row.period), core.clock().now());
    if period.last_use() <= now || core.security_codes.end_of(core, row.key_id, period) <= Instant::now() {
        return Ok(true);
    }
    Ok(period.end().plus(GRACE) <= now && !core.store().security_codes_live(row.period, now).await?)
}

/// Destroys the key in the HSM and then removes its row. Safe to repeat from anywhere in the middle.
async fn finish(core: &Core, row: &SecurityCodeKeyRow) -> Result<(), VaultError> {
    let label = &row.hsm_key.label;
    let cluster = core.snapshot().cluster.cluster_id;
    if Period::of_label(&cluster, label) == Some(Period(row.period)) {
        core.hsm().destroy_key(label).await?;
    } else {
        // The row was altered. The key that it should name is nobody's now, and is found by its own label.
        tracing::error!(period = row.period, "a key for security codes has another label than it was given");
    }
    let delete = Effect::DeleteSecurityCodeKey { period: row.period };
    record(core, DONE, vec![delete], EventDraft::success().object(label)).await?;
    let rows = core.store().security_code_keys().await?;
    core.security_codes.keep(Some(&rows));
    metrics::counter!("strongroom_security_code_keys_shredded_total").increment(1);
    Ok(())
}
