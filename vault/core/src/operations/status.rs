use strongroom_domain::{Action, Timestamp, TrustDomain};

use crate::audit::{EventDraft, cluster_name};
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::{HsmDescription, HsmHealth};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// What the node is and how it fares.
#[derive(Debug, Clone)]
pub struct Status {
    /// The node.
    pub node: String,
    /// The cluster's id, hexadecimal.
    pub cluster: String,
    /// Whose names it accepts.
    pub trust_domain: TrustDomain,
    /// What the HSM is.
    pub hsm: HsmDescription,
    /// How each part fares.
    pub readiness: Readiness,
    /// The node's audit streams.
    pub streams: Vec<StreamStatus>,
    /// The key under which auditors verify.
    pub verifier_key: String,
    /// Names the rules in force.
    pub policy_fingerprint: String,
    /// The registry's epoch.
    pub registry_epoch: u64,
    /// When the node started.
    pub started_at: Timestamp,
}

/// How far an audit stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamStatus {
    /// The stream.
    pub stream: String,
    /// How many records it holds.
    pub size: u64,
    /// How many of them the newest checkpoint covers.
    pub checkpoint_size: u64,
}

/// How each part fares. Anything but all is reason to send traffic elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// The HSM answers.
    pub hsm: HsmHealth,
    /// The database reads and writes.
    pub store: bool,
    /// Records can be written.
    pub audit: bool,
}

impl Readiness {
    /// Whether every part is fit for use.
    pub fn is_ready(&self) -> bool {
        self.hsm == HsmHealth::Ready && self.store && self.audit
    }
}

impl Vault {
    /// What the node is and how it fares.
    pub async fn status(&self, call: &Call) -> Result<Status, VaultError> {
        run(&self.core, call, &GetStatus).await
    }

    /// How each part fares; for health checks, which are nobody in particular and leave no record.
    pub async fn readiness(&self) -> Readiness {
        self.core.readiness().await
    }

    /// The key under which auditors verify: to be written down when a cluster begins.
    pub fn verifier_key(&self) -> String {
        self.core.verifier_key.to_string()
    }
}

struct GetStatus;

impl Operation for GetStatus {
    type Output = Status;

    const ACTION: Action = Action::StatusGet;

    fn subject(&self) -> EventDraft {
        EventDraft::success()
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Status>, VaultError> {
        let snapshot = core.snapshot();
        let mut streams = Vec::new();
        for position in core.committer().positions() {
            let checkpoint = core.store().latest_checkpoint(&position.stream).await?;
            streams.push(StreamStatus {
                stream: position.stream.to_string(),
                size: position.size,
                checkpoint_size: checkpoint.map_or(0, |row| row.size),
            });
        }
        let status = Status {
            node: core.settings.node.to_string(),
            cluster: cluster_name(&snapshot.cluster.cluster_id),
            trust_domain: snapshot.cluster.trust_domain.clone(),
            hsm: core.hsm().describe(),
            readiness: core.readiness().await,
            streams,
            verifier_key: core.verifier_key.to_string(),
            policy_fingerprint: core.policy().fingerprint().to_owned(),
            registry_epoch: snapshot.head.epoch,
            started_at: core.started_at,
        };
        Ok(Prepared::reading(status, self.subject()))
    }
}

impl Core {
    async fn readiness(&self) -> Readiness {
        Readiness {
            hsm: self.hsm().health(),
            store: self.store().check().await.is_ok(),
            audit: self.committer().is_writing(),
        }
    }
}
