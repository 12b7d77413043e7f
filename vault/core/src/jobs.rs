//! What the node does of itself, again and again. Each job is one function that does a round; a loop paces it.

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use strongroom_domain::Timestamp;
use tokio::task::JoinHandle;

use crate::VaultError;
use crate::alarms::raise_due;
use crate::audit::{adopt_orphans, sign_news};
use crate::ports::store::{LastUse, Lease};
use crate::registry::load;
use crate::security_codes;
use crate::vault::{Core, Settings};

/// How long a stored answer is kept (`Idempotency-Key`).
const ANSWERS_ARE_KEPT: Duration = Duration::from_secs(24 * 3600);
/// A job's lease holds for so many of its rounds.
const LEASE_ROUNDS: u32 = 3;
/// Rows removed in one statement: bounds how long the database is held.
const ANSWERS_AT_A_TIME: u32 = 1000;

#[derive(Clone, Copy)]
enum Job {
    SignCheckpoint,
    RefreshRegistry,
    AdoptOrphans,
    KeepSegments,
    WipeIdleKeys,
    NoteLastUses,
    ForgetAnswers,
    ShredSecurityCodes,
    RaiseAlarms,
}

/// Starts all jobs. They hold the vault weakly, so they end with it.
pub(crate) fn start(core: &Arc<Core>) -> Vec<JoinHandle<()>> {
    Job::ALL
        .iter()
        .map(|job| tokio::spawn(job.run(Arc::downgrade(core), job.pause(&core.settings))))
        .collect()
}

impl Job {
    const ALL: &'static [Self] = &[
        Self::SignCheckpoint,
        Self::RefreshRegistry,
        Self::AdoptOrphans,
        Self::KeepSegments,
        Self::WipeIdleKeys,
        Self::NoteLastUses,
        Self::ForgetAnswers,
        Self::ShredSecurityCodes,
        Self::RaiseAlarms,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::SignCheckpoint => "sign checkpoint",
            Self::RefreshRegistry => "refresh registry",
            Self::AdoptOrphans => "adopt orphans",
            Self::KeepSegments => "keep segments",
            Self::WipeIdleKeys => "wipe idle keys",
            Self::NoteLastUses => "note last uses",
            Self::ForgetAnswers => "forget answers",
            Self::ShredSecurityCodes => "shred security codes",
            Self::RaiseAlarms => "raise alarms",
        }
    }

    const fn pause(self, settings: &Settings) -> Duration {
        match self {
            Self::SignCheckpoint | Self::AdoptOrphans => settings.checkpoint_interval,
            Self::RefreshRegistry => settings.registry_poll_interval,
            Self::KeepSegments => Duration::from_secs(2),
            Self::WipeIdleKeys => Duration::from_secs(30),
            Self::NoteLastUses => Duration::from_secs(60),
            // Often, so that each round is small: the rows of ten minutes at once would hold up the callers.
            Self::ForgetAnswers => Duration::from_secs(10),
            Self::ShredSecurityCodes => Duration::from_secs(5),
            Self::RaiseAlarms => Duration::from_secs(5),
        }
    }

    async fn run(self, core: Weak<Core>, pause: Duration) {
        loop {
            // The store alone is held while nothing is done, so that the vault can end meanwhile.
            let store = match self {
                Self::RefreshRegistry => core.upgrade().map(|core| Arc::clone(&core.ports.store)),
                _ => None,
            };
            let woken = match store {
                Some(store) => tokio::time::timeout(pause, store.registry_changed()).await.is_ok(),
                None => {
                    tokio::time::sleep(pause).await;
                    false
                }
            };
            let Some(core) = core.upgrade() else { return };
            if woken {
                metrics::counter!("strongroom_registry_notices_total").increment(1);
            }
            if let Err(error) = self.round(&core).await {
                metrics::counter!("strongroom_job_failures_total", "job" => self.name()).increment(1);
                tracing::warn!(job = self.name(), %error, "a job failed; it will be tried again");
            }
        }
    }

    async fn round(self, core: &Core) -> Result<(), VaultError> {
        match self {
            Self::SignCheckpoint => sign_news(core).await,
            Self::AdoptOrphans => adopt_orphans(core).await,
            Self::RefreshRegistry => refresh_registry(core).await,
            Self::KeepSegments => Ok(core.committer().segments().keep(core.store()).await?),
            Self::WipeIdleKeys => {
                wipe_idle_keys(core);
                Ok(())
            }
            Self::NoteLastUses => note_last_uses(core).await,
            Self::ForgetAnswers => alone(core, self, forget_answers(core)).await,
            Self::ShredSecurityCodes => {
                security_codes::wipe(core).await?;
                alone(core, self, security_codes::shred(core)).await
            }
            Self::RaiseAlarms => raise_due(core).await,
        }
    }
}

/// Does what one node at a time need do, if this is the one. The lease outlasts a few rounds, so it stays with a node
/// that does its work and passes on from one that is gone.
async fn alone<T, E: Into<VaultError>>(
    core: &Core,
    job: Job,
    work: impl Future<Output = Result<T, E>>,
) -> Result<(), VaultError> {
    let now = core.clock().now();
    let until = now.plus(job.pause(&core.settings) * LEASE_ROUNDS);
    let lease = Lease { name: format!("job/{}", job.name()), holder: core.holder.clone(), now, until };
    if core.store().take_lease(&lease).await? { work.await.map(drop).map_err(Into::into) } else { Ok(()) }
}

/// Takes over the registry where another node has changed it.
pub(crate) async fn refresh_registry(core: &Core) -> Result<(), VaultError> {
    if core.store().registry_epoch().await? == core.snapshot().head.epoch {
        return Ok(());
    }
    // What is not yet written down of who was here would go with the old snapshot.
    note_last_uses(core).await?;
    let turn = core.registry().turn().await;
    let known = core.snapshot().head.epoch;
    let Some(registry) = core.store().load_registry().await? else {
        return Err(VaultError::IntegrityFailure);
    };
    if registry.head.epoch == known {
        return Ok(());
    }
    if registry.head.epoch < known {
        tracing::error!(
            known,
            stored = registry.head.epoch,
            "the registry was rolled back; keeping what was known"
        );
        metrics::counter!("strongroom_registry_rollbacks_total").increment(1);
        return Err(VaultError::IntegrityFailure);
    }
    let (snapshot, macs) = load(core.registry().authenticator(), registry)?;
    tracing::info!(epoch = snapshot.head.epoch, "the registry was changed by another node");
    core.registry().replace(&turn, snapshot, macs);
    Ok(())
}

fn wipe_idle_keys(core: &Core) {
    let (now, time_to_live) = (core.clock().now(), core.settings.key_time_to_live);
    for (_, tenant) in core.snapshot().tenants() {
        for key in tenant.keys() {
            for version in key.versions.values() {
                version.wipe_if_due(now, time_to_live);
            }
        }
    }
}

/// Writes down who was here since the last time.
pub(crate) async fn note_last_uses(core: &Core) -> Result<(), VaultError> {
    let snapshot = core.snapshot();
    let mut uses = Vec::new();
    let mut noted = Vec::new();
    for (tenant, state) in snapshot.tenants() {
        for identity in state.identities() {
            let Some((at, grants)) = identity.news() else { continue };
            uses.push(LastUse { tenant: tenant.clone(), service: identity.row.service.clone(), grants, at });
            noted.push((identity, at));
        }
    }
    if uses.is_empty() {
        return Ok(());
    }
    core.store().note_last_use(&uses).await?;
    for (identity, at) in noted {
        identity.mark_noted(at);
    }
    Ok(())
}

async fn forget_answers(core: &Core) -> Result<(), VaultError> {
    let before: Timestamp = core.clock().now().minus(ANSWERS_ARE_KEPT);
    while core.store().forget_answers(before, ANSWERS_AT_A_TIME).await? == u64::from(ANSWERS_AT_A_TIME) {}
    Ok(())
}
