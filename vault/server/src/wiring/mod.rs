//! Where the vault meets the world: the one place that names adapters.

mod database;

use std::sync::Arc;

use secrecy::SecretString;
use strongroom_core::ports::store::StoreError;
use strongroom_core::ports::{Hsm, HsmError, NoApprovals, Witness};
use strongroom_core::{Ports, Settings};
use strongroom_egress::{DestinationProblem, Destinations, Forwarder};
use strongroom_pkcs11::{Pkcs11Config, Pkcs11Hsm};
use strongroom_policies::{CedarPolicy, PolicyLoadError};
use strongroom_store::{OpenError, PostgresOpenError};

use crate::adapters::{
    FileWitness, ListedDestinations, OperatingSystemEntropy, SystemClock, WitnessFileError,
};
use crate::config::{Config, HsmConfig, PrivateFileError, StoreConfig};

use database::Database;
pub use database::{Housekeeping, migrate};

/// The vault's ports, connected.
pub struct World {
    /// What the vault is opened with.
    pub ports: Ports,
    database: Database,
    witnesses: Vec<Arc<FileWitness>>,
}

/// Why a part of the world cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The database.
    #[error("store.sqlite.path: {0}")]
    Sqlite(#[from] OpenError),
    /// The database.
    #[error("store.postgres: {0}")]
    Postgres(#[from] PostgresOpenError),
    /// The way into the database.
    #[error("store.postgres.password_file: {0}")]
    DatabasePassword(PrivateFileError),
    /// There is nothing to migrate.
    #[error("store.sqlite: its schema is brought up to date at each start; `migrate` is for store.postgres")]
    MigratesItself,
    /// The database, once it was open.
    #[error("the database: {0}")]
    StoreAnswer(#[from] StoreError),
    /// The rules.
    #[error("the built-in access rules cannot be used: {0}")]
    Policy(#[from] PolicyLoadError),
    /// Where requests may go.
    #[error("egress.destinations: {}", in_one_line(.0))]
    Destinations(Vec<DestinationProblem>),
    /// A witness file.
    #[error("witness.files: {path} {reason}")]
    Witness {
        /// Which one.
        path: String,
        /// What is wrong.
        reason: WitnessFileError,
    },
    /// The database stands before what a witness has seen.
    #[error(
        "{witness} holds a checkpoint over {witnessed} records of {stream}, the database has {recorded}: the database \
         was rolled back; after a restore from a backup, raise stream_epoch"
    )]
    RolledBack {
        /// Who saw it.
        witness: String,
        /// Of which stream.
        stream: String,
        /// How many records it saw.
        witnessed: u64,
        /// How many there are.
        recorded: u64,
    },
}

/// Connects to the HSM. Blocks for as long as the device takes, so it comes before everything asynchronous.
pub fn connect_hsm(config: &HsmConfig, pin: SecretString) -> Result<Arc<dyn Hsm>, HsmError> {
    let pkcs11 = Pkcs11Config {
        token_serial: config.token_serial.clone(),
        sessions: usize::try_from(config.sessions).unwrap_or(usize::MAX),
        deadline: config.deadline,
        ..Pkcs11Config::new(&config.module, &config.token_label)
    };
    Ok(Arc::new(Pkcs11Hsm::connect(pkcs11, pin)?))
}

/// What the configuration sets of the vault itself.
pub fn settings(config: &Config) -> Settings {
    Settings {
        stream_epoch: config.stream_epoch,
        key_time_to_live: config.keys.time_to_live,
        least_card_numbers: config.tokens.least_card_numbers,
        checkpoint_interval: config.audit.checkpoint_interval,
        velocity: config.limits.velocity.limits(),
        commit_lanes: match &config.store {
            StoreConfig::Sqlite(_) => 1,
            StoreConfig::Postgres(postgres) => postgres.commit_lanes,
        },
        ..Settings::new(config.node.clone())
    }
}

fn destinations(config: &Config) -> Result<ListedDestinations, WorldError> {
    let destinations = Destinations::load(&config.egress.destinations).map_err(WorldError::Destinations)?;
    Ok(ListedDestinations::new(destinations, Forwarder::system()))
}

fn in_one_line(problems: &[DestinationProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl World {
    /// Opens everything but the HSM, which is there already.
    pub async fn open(config: &Config, hsm: Arc<dyn Hsm>) -> Result<Self, WorldError> {
        let database = Database::open(&config.store).await?;
        let mut witnesses = Vec::new();
        for path in &config.witness.files {
            let witness = FileWitness::open(path)
                .map_err(|reason| WorldError::Witness { path: path.display().to_string(), reason })?;
            witnesses.push(Arc::new(witness));
        }
        let ports = Ports {
            hsm,
            store: database.port(),
            policy: Arc::new(CedarPolicy::load()?),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OperatingSystemEntropy),
            witnesses: witnesses.iter().map(|witness| Arc::clone(witness) as Arc<dyn Witness>).collect(),
            approvals: Arc::new(NoApprovals),
            egress: Arc::new(destinations(config)?),
        };
        Ok(Self { ports, database, witnesses })
    }

    /// Refuses a database that has fewer records than a witness has seen of any of this node's streams. Whoever can
    /// write to a witness file could bring about this refusal, and nothing worse.
    pub async fn check_witnesses(&self, settings: &Settings) -> Result<(), WorldError> {
        for witness in &self.witnesses {
            let path = witness.name();
            let seen = witness
                .sizes_seen(settings.stream_names())
                .await
                .map_err(|reason| WorldError::Witness { path: path.to_owned(), reason })?;
            for (stream, witnessed) in seen {
                let recorded = self.ports.store.stream_head(&stream).await?.map_or(0, |head| head.size);
                if witnessed > recorded {
                    let witness = path.to_owned();
                    return Err(WorldError::RolledBack { witness, stream, witnessed, recorded });
                }
            }
        }
        Ok(())
    }

    /// The part of the world that wants to be looked after while it is in use.
    pub fn housekeeping(&self) -> Housekeeping {
        self.database.housekeeping()
    }

    /// Closes the database. The vault must have been closed before; should a task of it still be about to end, the
    /// database closes with that task, and nothing is lost either way.
    pub async fn close(self) {
        let Self { ports, database, .. } = self;
        drop(ports);
        database.close().await;
    }
}
