//! The smaller sections.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use strongroom_domain::TokenProfile;

use super::values;

/// `[listener]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListenerConfig {
    /// Where clients connect, with TLS 1.3 and a client certificate.
    pub address: SocketAddr,
}

impl Default for ListenerConfig {
    fn default() -> Self {
        Self { address: loopback(8443) }
    }
}

/// `[operations]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperationsConfig {
    /// Plain HTTP, no authentication: health, readiness, metrics.
    pub address: SocketAddr,
    /// Lets the address be one that other machines reach.
    pub danger_listen_beyond_loopback: bool,
}

impl Default for OperationsConfig {
    fn default() -> Self {
        Self { address: loopback(8444), danger_listen_beyond_loopback: false }
    }
}

/// `[tls]`, all PEM. Read again on SIGHUP.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The server's certificate and the intermediate ones.
    pub certificate_file: PathBuf,
    /// Its private key: mode 0400 or 0600.
    pub private_key_file: PathBuf,
    /// The certificate authorities whose clients are let in. No others are, whatever the system trusts.
    pub client_ca_file: PathBuf,
    /// Revocation lists. Once there is one, every authority that issues to clients needs one that is not stale.
    #[serde(default)]
    pub crl_files: Vec<PathBuf>,
}

/// `[witness]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessConfig {
    /// Files that signed checkpoints are appended to, best on another machine's disk.
    pub files: Vec<PathBuf>,
}

/// `[approvals]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApprovalsConfig {
    /// A file in which the host's operator agrees to what one person alone must not bring about: mode 0400 or 0600.
    /// Without one, nobody agrees to anything.
    pub operator_file: Option<PathBuf>,
}

/// `[keys]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeysConfig {
    /// How long an unsealed key may stay in memory before the HSM is asked again.
    #[serde(rename = "time_to_live_seconds", deserialize_with = "values::seconds")]
    pub time_to_live: Duration,
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self { time_to_live: Duration::from_secs(3600) }
    }
}

/// `[tokens]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokensConfig {
    /// How many card numbers must be left to whoever reads what stands beside a deterministic token. A token profile that
    /// leaves fewer needs somebody else's approval.
    #[serde(deserialize_with = "values::at_least_one")]
    pub least_card_numbers: u64,
}

impl Default for TokensConfig {
    fn default() -> Self {
        Self { least_card_numbers: TokenProfile::LEAST_CARD_NUMBERS }
    }
}

/// `[audit]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// How often the stream's head is signed while there is news.
    #[serde(rename = "checkpoint_interval_seconds", deserialize_with = "values::seconds")]
    pub checkpoint_interval: Duration,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self { checkpoint_interval: Duration::from_secs(5) }
    }
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Which events: `info`, or per part, as in `info,strongroom_core=debug`.
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".to_owned() }
    }
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}
