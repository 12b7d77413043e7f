//! `GET /v1/status`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TimestampText;

/// The node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusView {
    /// The version of the vault.
    pub version: String,
    /// The node's name.
    pub node: String,
    /// The cluster's id.
    pub cluster: String,
    /// Whose names the cluster accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_domain: Option<String>,
    /// The HSM.
    pub hsm: HsmStatus,
    /// The database.
    pub store: StoreStatus,
    /// The record.
    pub audit: AuditStatus,
    /// Names the rules in force; changes when they do.
    pub policy_fingerprint: String,
    /// One more with each change of keys, profiles, identities and grants.
    pub registry_epoch: u64,
    /// When the node began to serve.
    pub started_at: TimestampText,
}

/// The HSM of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HsmStatus {
    /// How it fares.
    pub health: HsmHealth,
    /// Library description and version.
    pub library: String,
    /// Token label.
    pub token_label: String,
    /// Token serial number.
    pub token_serial: String,
    /// Token model.
    pub token_model: String,
    /// What was proven to work.
    pub mechanisms: Vec<MechanismView>,
}

/// How an HSM fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HsmHealth {
    /// Serving.
    Ready,
    /// Not serving at the moment; being brought back.
    Recovering,
    /// Stays away until an operator acts.
    Failed,
}

/// A use of the HSM and the mechanism that was proven for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MechanismView {
    /// What for.
    #[serde(rename = "use")]
    pub purpose: String,
    /// The PKCS#11 mechanism.
    pub mechanism: String,
}

/// The database of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoreStatus {
    /// Whether it can be read and written.
    pub ready: bool,
}

/// The record, as a node writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditStatus {
    /// Whether events can be written. If not, nothing is done and nothing is shown.
    pub ready: bool,
    /// The streams that the node writes, one for each of its commit lanes.
    pub streams: Vec<StreamStatus>,
    /// The key that checkpoints are verified with, as a C2SP verifier key. Compare it with the one from the ceremony.
    pub verifier_key: String,
}

/// How far an audit stream is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StreamStatus {
    /// Its name.
    pub stream: String,
    /// How many events it holds.
    pub size: u64,
    /// How many of them the newest checkpoint covers.
    pub checkpoint_size: u64,
}
