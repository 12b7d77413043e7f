//! What an operator sets: one TOML file in which every name must be known and every default is the safe one.
//!
//! No secret ever stands in it. Where the PIN and the private key are, the file says; [`check()`] explains, one line
//! each, what is wrong with them. An option that weakens the vault carries `danger_` in its name.

mod check;
mod egress;
mod hardening;
mod hosted_field;
mod hsm;
mod limits;
mod parts;
mod private_file;
mod store;
mod values;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use strongroom_domain::{NodeName, TrustDomain};

pub use check::{Problem, check};
pub(crate) use check::{problem, problem_with};
pub use egress::EgressConfig;
pub use hardening::HardeningConfig;
pub use hosted_field::{HostedFieldConfig, PublicTlsConfig};
pub use hsm::{HsmConfig, OpenPin, PinSource};
pub use limits::{Limits, VelocityConfig, VelocityLimitConfig};
pub use parts::{
    AuditConfig, KeysConfig, ListenerConfig, LogConfig, OperationsConfig, TlsConfig, TokensConfig,
    WitnessConfig,
};
pub use private_file::{PrivateFileError, WhoMayRead, open_private, read_private_text};
pub use store::{PostgresSettings, SqliteSettings, StoreConfig};

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// This node's name; names its audit stream.
    #[serde(deserialize_with = "values::node_name")]
    pub node: NodeName,
    /// The epoch of its audit stream: 1, and one more after each restore from a backup.
    #[serde(default = "first_epoch", deserialize_with = "values::at_least_one")]
    pub stream_epoch: u32,
    /// Whose names are accepted.
    #[serde(deserialize_with = "values::trust_domain")]
    pub trust_domain: TrustDomain,
    /// Where clients connect.
    #[serde(default)]
    pub listener: ListenerConfig,
    /// Where health checks and metrics are asked for.
    #[serde(default)]
    pub operations: OperationsConfig,
    /// The card field for merchants' pages.
    #[serde(default)]
    pub hosted_field: Option<HostedFieldConfig>,
    /// Certificates.
    pub tls: TlsConfig,
    /// The database.
    pub store: StoreConfig,
    /// The HSM.
    pub hsm: HsmConfig,
    /// Who keeps signed checkpoints beside the database.
    #[serde(default)]
    pub witness: WitnessConfig,
    /// How much of everything at most.
    #[serde(default)]
    pub limits: Limits,
    /// Keys in memory.
    #[serde(default)]
    pub keys: KeysConfig,
    /// What token profiles may be.
    #[serde(default)]
    pub tokens: TokensConfig,
    /// The record.
    #[serde(default)]
    pub audit: AuditConfig,
    /// Where requests with values of tokens may go.
    #[serde(default)]
    pub egress: EgressConfig,
    /// The log.
    #[serde(default)]
    pub log: LogConfig,
    /// What the process denies itself.
    #[serde(default)]
    pub hardening: HardeningConfig,
}

/// Why a file is no configuration. Repeats no value of it: somebody may have put a secret there after all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not there, or not to be read.
    #[error("{path}: cannot be read: {reason}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why not.
        reason: std::io::ErrorKind,
    },
    /// Read, but not understood.
    #[error("{path}:{line}: {reason}")]
    Invalid {
        /// Which file.
        path: String,
        /// Where, counted from 1.
        line: usize,
        /// What is allowed.
        reason: String,
    },
    /// Each part is fine, together they are not.
    #[error("{path}: {reason}")]
    Contradictory {
        /// Which file.
        path: String,
        /// What is allowed.
        reason: &'static str,
    },
}

impl Config {
    /// Reads the file. Relative paths in it start at its own folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { path: name.clone(), reason: error.kind() })?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Self::parse(&text, &name, folder)
    }

    fn parse(text: &str, name: &str, folder: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text).map_err(|error| ConfigError::Invalid {
            path: name.to_owned(),
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            reason: values::without_values(error.message()),
        })?;
        config
            .contradiction()
            .map_or(Ok(()), |reason| Err(ConfigError::Contradictory { path: name.to_owned(), reason }))?;
        for path in config.paths_mut() {
            *path = folder.join(&*path);
        }
        Ok(config)
    }

    fn contradiction(&self) -> Option<&'static str> {
        if !self.hsm.names_one_pin_source() {
            return Some("hsm: exactly one of pin_file, pin_fd and pin_credential must be given");
        }
        if !self.operations.address.ip().is_loopback() && !self.operations.danger_listen_beyond_loopback {
            return Some(
                "operations.address must be a loopback address, unless danger_listen_beyond_loopback says otherwise",
            );
        }
        let hosted_field = self.hosted_field.as_ref().and_then(HostedFieldConfig::contradiction);
        hosted_field.or_else(|| self.store.contradiction())
    }

    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let Self { tls, store, hsm, witness, egress, hosted_field, .. } = self;
        [&mut tls.certificate_file, &mut tls.private_key_file, &mut tls.client_ca_file]
            .into_iter()
            .chain(&mut tls.crl_files)
            .chain(store.paths_mut())
            .chain([&mut hsm.module])
            .chain(&mut hsm.pin_file)
            .chain(&mut hsm.writable_paths)
            .chain(&mut witness.files)
            .chain(egress.destinations.iter_mut().flat_map(strongroom_egress::DestinationConfig::paths_mut))
            .chain(hosted_field.iter_mut().flat_map(HostedFieldConfig::paths_mut))
    }

    /// The TCP ports that the process connects to.
    pub fn outbound_tcp_ports(&self) -> Vec<u16> {
        let database = self.store.outbound_tcp_port();
        let destinations = self.egress.outbound_tcp_ports();
        self.hardening.outbound_tcp_ports.iter().copied().chain(database).chain(destinations).collect()
    }

    /// Everything outside the process that it writes to.
    pub fn writable_paths(&self) -> Vec<PathBuf> {
        let folders = self.store.writable_folder().into_iter();
        folders
            .chain(self.witness.files.iter().filter_map(|path| path.parent()))
            .map(Path::to_owned)
            .chain(self.hsm.writable_paths.iter().cloned())
            .collect()
    }
}

const fn first_epoch() -> u32 {
    1
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
