//! Keys in the HSM that no table knows: made by a node that died before it could say so, or by one that was not the first, or
//! known to a table that was since replaced by an older copy of itself.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::keys::lock;
use super::period::Period;
use super::shred::{BEGUN, DONE, record};
use crate::VaultError;
use crate::audit::EventDraft;
use crate::vault::Core;

/// Since when keys are known to be nobody's, by label, and when that was last looked into.
#[derive(Default)]
pub(super) struct Unclaimed {
    since: Mutex<HashMap<String, Instant>>,
    looked_at: Mutex<Option<Instant>>,
}

/// How often they are looked for: it costs the HSM a walk over its objects.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);
/// How long nobody may claim a key: far longer than a commit takes, and than its fate can be in doubt.
const PATIENCE: Duration = Duration::from_secs(600);

/// Destroys those that nobody claims for long.
pub(super) async fn shred_orphans(core: &Core) -> Result<(), VaultError> {
    let unclaimed = &core.security_codes.unclaimed;
    let now = Instant::now();
    if lock(&unclaimed.looked_at).is_some_and(|last| now < last + BETWEEN_LOOKS) {
        return Ok(());
    }
    let cluster = core.snapshot().cluster.cluster_id;
    let labels = core.hsm().short_lived_keys(&Period::label_prefix(&cluster)).await?;
    // Read after the labels: whoever has claimed a key since is seen.
    let rows = core.store().security_code_keys().await?;
    let nobodys: Vec<(String, Period)> = labels
        .into_iter()
        .filter(|label| rows.iter().all(|row| row.hsm_key.label != *label))
        .filter_map(|label| Period::of_label(&cluster, &label).map(|period| (label, period)))
        .collect();
    *lock(&unclaimed.looked_at) = Some(now);
    let due: Vec<String> = {
        let mut since = lock(&unclaimed.since);
        since.retain(|label, _| nobodys.iter().any(|(known, _)| known == label));
        nobodys
            .into_iter()
            .filter(|(label, period)| {
                let first = *since.entry(label.clone()).or_insert(now);
                first + PATIENCE <= now || period.end().plus(PATIENCE) <= core.clock().now()
            })
            .map(|(label, _)| label)
            .collect()
    };
    for label in due {
        let event = EventDraft::success().object(&label);
        record(core, BEGUN, Vec::new(), event.clone()).await?;
        core.hsm().destroy_key(&label).await?;
        record(core, DONE, Vec::new(), event).await?;
        metrics::counter!("strongroom_security_code_keys_shredded_total").increment(1);
    }
    Ok(())
}
