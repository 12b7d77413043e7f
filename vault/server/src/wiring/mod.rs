//! Where the vault meets the world: the one file that names adapters.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use strongroom_core::ports::store::StoreError;
use strongroom_core::ports::{Hsm, HsmError, Store as _, Witness};
use strongroom_core::{Ports, Settings};
use strongroom_pkcs11::{Pkcs11Config, Pkcs11Hsm};
use strongroom_policies::{CedarPolicy, PolicyLoadError};
use strongroom_store::{OpenError, SqliteConfig, SqliteStore};

use crate::adapters::{FileWitness, OperatingSystemEntropy, SystemClock, WitnessFileError};
use crate::config::{Config, HsmConfig};

/// The vault's ports, connected.
pub struct World {
    /// What the vault is opened with.
    pub ports: Ports,
    store: Arc<SqliteStore>,
    witnessed: Vec<Witnessed>,
}

/// What a witness said last before this start.
struct Witnessed {
    witness: String,
    note: String,
}

/// Why a part of the world cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The database.
    #[error("store.sqlite.path: {0}")]
    Store(#[from] OpenError),
    /// The database, once it was open.
    #[error("store.sqlite.path: {0}")]
    StoreAnswer(#[from] StoreError),
    /// The rules.
    #[error("the built-in access rules cannot be used: {0}")]
    Policy(#[from] PolicyLoadError),
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
        "{witness} holds a checkpoint over {witnessed} records, the database has {recorded}: the database was rolled \
         back; after a restore from a backup, raise stream_epoch"
    )]
    RolledBack {
        /// Who saw it.
        witness: String,
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
        checkpoint_interval: config.audit.checkpoint_interval,
        ..Settings::new(config.node.clone())
    }
}

impl World {
    /// Opens everything but the HSM, which is there already.
    pub async fn open(config: &Config, hsm: Arc<dyn Hsm>) -> Result<Self, WorldError> {
        let store = Arc::new(SqliteStore::open(&SqliteConfig::at(&config.store.sqlite.path)).await?);
        let mut witnesses: Vec<Arc<dyn Witness>> = Vec::new();
        let mut witnessed = Vec::new();
        for path in &config.witness.files {
            let witness = FileWitness::open(path)
                .map_err(|reason| WorldError::Witness { path: path.display().to_string(), reason })?;
            witnessed.extend(
                witness
                    .last_note()
                    .map(|note| Witnessed { witness: path.display().to_string(), note: note.to_owned() }),
            );
            witnesses.push(Arc::new(witness));
        }
        let ports = Ports {
            hsm,
            store: Arc::clone(&store) as _,
            policy: Arc::new(CedarPolicy::load()?),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OperatingSystemEntropy),
            witnesses,
        };
        Ok(Self { ports, store, witnessed })
    }

    /// Refuses a database that has fewer records than a witness has seen of the same stream. Whoever can write to a
    /// witness file could bring about this refusal, and nothing worse.
    pub async fn check_witnesses(&self, settings: &Settings) -> Result<(), WorldError> {
        let stream = format!("{}.{}", settings.node, settings.stream_epoch);
        let recorded = self.store.stream_head(&stream).await?.map_or(0, |head| head.size);
        for Witnessed { witness, note } in &self.witnessed {
            match size_seen(note, &stream) {
                Some(witnessed) if witnessed > recorded => {
                    return Err(WorldError::RolledBack { witness: witness.clone(), witnessed, recorded });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What the database needs from time to time. Never ends.
    pub async fn housekeeping(store: Housekeeping) {
        loop {
            tokio::time::sleep(SETTLE_INTERVAL).await;
            if let Err(error) = store.0.settle().await {
                tracing::debug!(%error, "the database's log was not settled; it will be tried again");
            }
        }
    }

    /// The part that [`World::housekeeping`] works on.
    pub fn housekeeping_part(&self) -> Housekeeping {
        Housekeeping(Arc::clone(&self.store))
    }

    /// Closes the database. The vault must have been closed before; should a task of it still be about to end, the
    /// database closes with that task, and nothing is lost either way.
    pub async fn close(self) {
        let Self { ports, store, .. } = self;
        drop(ports);
        if let Some(store) = Arc::into_inner(store) {
            store.close().await;
        }
    }
}

/// A hold on what needs housekeeping.
pub struct Housekeeping(Arc<SqliteStore>);

/// After this time what was erased has left the database's log too.
const SETTLE_INTERVAL: Duration = Duration::from_secs(120);

/// The size in a checkpoint of this stream: the note's second line; the first is the log's name, a slash, the stream.
fn size_seen(note: &str, stream: &str) -> Option<u64> {
    let mut lines = note.lines();
    let (_, noted) = lines.next()?.rsplit_once('/')?;
    if noted != stream {
        return None;
    }
    lines.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_tells_the_size_of_its_own_stream_only() {
        let note = "strongroom.0af3/vault-1.1\n42\nAAAA\n\n\u{2014} strongroom.0af3 abcd\n";
        assert_eq!(size_seen(note, "vault-1.1"), Some(42));
        assert_eq!(size_seen(note, "vault-1.2"), None, "a node in a new epoch begins anew");
        assert_eq!(size_seen("strongroom.0af3/vault-1.1\nmany\n", "vault-1.1"), None);
    }
}
