use strongroom_core::ports::HsmError;
use strongroom_core::{StartError, VaultError};
use strongroom_crypto::self_test::SelfTestFailure;
use strongroom_softhsm::SoftHsmError;

use crate::config::{ConfigError, PrivateFileError, Problem};
use crate::hardening::HardeningError;
use crate::observability::ObservabilityError;
use crate::wiring::WorldError;

/// Why `strongroomd` ended before its time. Each text is one line and holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `check-config` has found something, and said what.
    #[error("problems found: {0}")]
    Problems(usize),
    /// The files that the configuration names.
    #[error("{}", in_one_line(.0))]
    Files(Vec<Problem>),
    /// The PIN.
    #[error("the HSM's PIN {0}")]
    Pin(PrivateFileError),
    /// The log or the metrics.
    #[error(transparent)]
    Observability(#[from] ObservabilityError),
    /// The process could not be hardened.
    #[error(transparent)]
    Hardening(#[from] HardeningError),
    /// This machine computes wrongly.
    #[error(transparent)]
    SelfTest(#[from] SelfTestFailure),
    /// The HSM.
    #[error(transparent)]
    Hsm(#[from] HsmError),
    /// The database, the rules, a witness.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The vault refuses to open.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The vault did not close in order.
    #[error("the vault did not close in order: {0}")]
    Close(VaultError),
    /// A port could not be had.
    #[error("{setting}: {address}: {error}")]
    Listen {
        /// Which address.
        setting: &'static str,
        /// The address.
        address: std::net::SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// Threads, signals.
    #[error("the runtime could not be started: {0}")]
    Runtime(std::io::Error),
    /// Standard output is gone.
    #[error("standard output: {0}")]
    Output(std::io::Error),
    /// The development token.
    #[error(transparent)]
    DevelopmentToken(#[from] SoftHsmError),
    /// The development folder.
    #[error("the development folder: {0}")]
    Development(String),
}

impl Failure {
    /// Tells programs which part it was.
    ///
    /// | code | part |
    /// | --- | --- |
    /// | 2 | command line |
    /// | 10 | configuration and the files it names |
    /// | 11 | hardening |
    /// | 12 | self-tests |
    /// | 13 | HSM and its PIN |
    /// | 14 | database, rules, witnesses |
    /// | 15 | the vault: not initialised, keys, registry or record not as they were left |
    /// | 16 | a port could not be had |
    /// | 17 | the runtime |
    /// | 18 | `dev` |
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Problems(_) | Self::Files(_) | Self::Observability(_) => 10,
            Self::Hardening(_) => 11,
            Self::SelfTest(_) => 12,
            Self::Pin(_) | Self::Hsm(_) => 13,
            Self::World(_) => 14,
            Self::Start(error) => match error {
                StartError::Hsm(_) => 13,
                StartError::Store(_) => 14,
                StartError::NotInitialised
                | StartError::TokenNotEmpty
                | StartError::RegistryAltered
                | StartError::AuditRolledBack
                | StartError::Vault(_) => 15,
            },
            Self::Close(_) => 15,
            Self::Listen { .. } => 16,
            Self::Runtime(_) | Self::Output(_) => 17,
            Self::DevelopmentToken(_) | Self::Development(_) => 18,
        }
    }
}

fn in_one_line(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
