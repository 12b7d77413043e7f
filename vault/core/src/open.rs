//! From nothing to a serving vault, or a refusal in one clear line.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use strongroom_crypto::audit_v1::VerifierKey;
use tokio::task::JoinHandle;

use crate::VaultError;
use crate::alarms::{self, Alarms};
use crate::audit::{
    AuditStream, EventDraft, check_against_checkpoint, cut_stream, hold_own, sign_news, verifier_key,
};
use crate::committer::Committer;
use crate::jobs;
use crate::pipeline::record_for_node;
use crate::ports::store::{ClusterRow, Registry, RegistryHead, RegistryRow, StoreError};
use crate::ports::{Hsm, HsmError, HsmKey, HsmKeyKind, Store};
use crate::registry::{Authenticator, RegistryWriter, RowMacs, Snapshot, load};
use crate::vault::{Core, Ports, Settings, Vault, new_request_id};
use crate::velocity::Velocity;

/// Why the vault did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no cluster in the database.
    #[error("the database holds no cluster yet: run `strongroomd init` first")]
    NotInitialised,
    /// The database is empty but the token is not: perhaps the database was lost. Nothing is created over it.
    #[error(
        "the HSM token already holds Strongroom keys but the database is empty: restore the database, or use a fresh \
         token; nothing was created"
    )]
    TokenNotEmpty,
    /// The HSM does not hold the keys that the data were protected with.
    #[error("{0}; nothing was created")]
    Hsm(#[from] HsmError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry was altered outside the vault.
    #[error("the key registry failed its integrity check: rows were altered, added, removed or rolled back")]
    RegistryAltered,
    /// The audit stream was truncated or rewritten.
    #[error("the audit stream does not agree with its last signed checkpoint: it was truncated or rewritten")]
    AuditRolledBack,
    /// Anything else on the way.
    #[error("{0}")]
    Vault(VaultError),
}

impl From<VaultError> for StartError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

/// What runs beside the requests.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<Vec<JoinHandle<()>>>);

impl Vault {
    /// Proves the HSM's keys, checks the registry and the audit stream, records the start and begins the jobs.
    pub async fn open(ports: Ports, settings: Settings) -> Result<Self, StartError> {
        let registry = ports.store.load_registry().await?.ok_or(StartError::NotInitialised)?;
        let keys = prove_keys(&*ports.hsm, &registry).await?;
        let cluster = registry.cluster.cluster_id;
        let root = key_of(&keys, HsmKeyKind::RegistryMac)?;
        let authenticator = Authenticator::derive(&*ports.hsm, root, &registry.cluster).await?;
        let (snapshot, macs) = load(&authenticator, registry).map_err(|_| StartError::RegistryAltered)?;
        let verifier = verifier_key(&*ports.hsm, key_of(&keys, HsmKeyKind::AuditSigning)?, &cluster).await?;
        let vault = Self::assemble(ports, settings, authenticator, snapshot, macs, verifier).await?;
        // The HSM may have taken its time since the registry was read.
        jobs::refresh_registry(&vault.core).await?;
        // Before there is anything to sign, or a node that has run for longer would take this one for dead.
        hold_own(&vault.core).await?;
        vault.record("node.start").await?;
        vault.tasks.0.lock().unwrap_or_else(PoisonError::into_inner).extend(jobs::start(&vault.core));
        Ok(vault)
    }

    /// The parts put together, nothing running but the committer.
    pub(crate) async fn assemble(
        ports: Ports,
        settings: Settings,
        authenticator: Authenticator,
        snapshot: Snapshot,
        macs: RowMacs,
        verifier_key: VerifierKey,
    ) -> Result<Self, StartError> {
        let mut streams = Vec::new();
        for name in settings.stream_names() {
            streams.push(resume_stream(&*ports.store, &name, &verifier_key).await?);
        }
        let holder = format!("{}/{}", settings.node, new_request_id(&*ports.entropy)?.as_str());
        let (committer, committing) =
            Committer::start(&ports.store, &ports.clock, streams, settings.commit_patience);
        let current = Arc::new(ArcSwap::from_pointee(snapshot));
        let core = Core {
            started_at: ports.clock.now(),
            velocity: Velocity::starting_at(ports.clock.now()),
            alarms: Alarms::default(),
            registry: RegistryWriter::new(authenticator, Arc::clone(&current), macs),
            ports,
            settings,
            current,
            committer,
            running: crate::pipeline::RunningRequests::default(),
            acts: crate::pipeline::ActsUnderWay::default(),
            security_codes: crate::security_codes::SecurityCodeKeys::default(),
            holder,
            verifier_key,
        };
        Ok(Self { core: Arc::new(core), tasks: Arc::new(Tasks(Mutex::new(committing))) })
    }

    /// Waits for what is under way outside, ends the jobs, records the stop and signs a last checkpoint. Requests must
    /// have ended before.
    pub async fn close(self) -> Result<(), VaultError> {
        self.core.acts().all_done().await;
        alarms::raise_all(&self.core).await?;
        self.record("node.stop").await?;
        jobs::note_last_uses(&self.core).await?;
        sign_news(&self.core).await?;
        self.core.committer().segments().keep(self.core.store()).await?;
        for task in self.tasks.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
        Ok(())
    }

    pub(crate) async fn record(&self, action: &'static str) -> Result<(), VaultError> {
        let core = &self.core;
        let event =
            EventDraft::success().object(&core.settings.node).registry_epoch(core.snapshot().head.epoch);
        let request_id = new_request_id(core.entropy())?;
        record_for_node(&core.committer, &core.settings.node, action, request_id, Vec::new(), event).await
    }
}

impl Settings {
    /// The names of this node's audit streams: its own name and the epoch; from the second lane on, the lane too. A node
    /// that is restored from a backup goes on in a new epoch, so that no sequence number is ever given twice.
    pub fn stream_names(&self) -> Vec<String> {
        let first = format!("{}.{}", self.node, self.stream_epoch);
        let others = (2..=self.commit_lanes).map(|lane| format!("{first}.{lane}"));
        std::iter::once(first.clone()).chain(others).collect()
    }
}

/// Goes on with a stream where it stands, unless it was truncated or rewritten.
async fn resume_stream(
    store: &dyn Store,
    name: &str,
    verifier_key: &VerifierKey,
) -> Result<AuditStream, StartError> {
    let head = store.stream_head(name).await?;
    let stream = AuditStream::resume(name, head.as_ref(), cut_stream(store, name).await?)?;
    check_against_checkpoint(store, &stream, verifier_key).await.map_err(|error| match error {
        VaultError::IntegrityFailure => StartError::AuditRolledBack,
        other => StartError::Vault(other),
    })?;
    Ok(stream)
}

/// Each key of the cluster, proven to be the recorded one. A key that is missing, doubled or another: no start.
async fn prove_keys(hsm: &dyn Hsm, registry: &Registry) -> Result<Vec<HsmKey>, StartError> {
    let mut keys = Vec::with_capacity(HsmKeyKind::OF_CLUSTER.len());
    for row in &registry.rows {
        if let RegistryRow::HsmKey(registered) = row {
            hsm.prove_key(&registered.row.key).await?;
            keys.push(registered.row.key.clone());
        }
    }
    Ok(keys)
}

fn key_of(keys: &[HsmKey], kind: HsmKeyKind) -> Result<&HsmKey, StartError> {
    keys.iter().find(|key| key.kind == kind).ok_or(StartError::RegistryAltered)
}

/// A registry before its first row.
pub(crate) fn empty_snapshot(cluster: ClusterRow) -> Snapshot {
    Snapshot::empty(cluster, RegistryHead { epoch: 0, rows: 0, digest: [0; 32], mac: [0; 32] })
}
