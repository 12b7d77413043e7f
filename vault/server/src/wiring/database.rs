use std::sync::Arc;
use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_store::{
    PostgresConfig, PostgresServer, PostgresStore, PostgresTrust, SqliteConfig, SqliteStore,
};

use super::WorldError;
use crate::config::{PostgresSettings, StoreConfig, WhoMayRead, open_private, read_private_text};

/// The database that the configuration names.
pub(super) enum Database {
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PostgresStore>),
}

impl Database {
    pub(super) async fn open(config: &StoreConfig) -> Result<Self, WorldError> {
        Ok(match config {
            StoreConfig::Sqlite(sqlite) => {
                Self::Sqlite(Arc::new(SqliteStore::open(&SqliteConfig::at(&sqlite.path)).await?))
            }
            StoreConfig::Postgres(postgres) => {
                let service = connection(postgres, &postgres.user, &postgres.password_file)?;
                Self::Postgres(Arc::new(PostgresStore::open(&service).await?))
            }
        })
    }

    pub(super) fn port(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as _,
            Self::Postgres(store) => Arc::clone(store) as _,
        }
    }

    pub(super) fn housekeeping(&self) -> Housekeeping {
        Housekeeping(match self {
            Self::Sqlite(store) => Some(Arc::clone(store)),
            Self::Postgres(_) => None,
        })
    }

    pub(super) async fn close(self) {
        match self {
            Self::Sqlite(store) => {
                if let Some(store) = Arc::into_inner(store) {
                    store.close().await;
                }
            }
            Self::Postgres(store) => {
                if let Some(store) = Arc::into_inner(store) {
                    store.close().await;
                }
            }
        }
    }
}

/// A hold on what needs housekeeping.
pub struct Housekeeping(Option<Arc<SqliteStore>>);

impl Housekeeping {
    /// Does what the database needs from time to time. Never ends.
    pub async fn run(self) {
        let Some(store) = self.0 else { return std::future::pending().await };
        loop {
            tokio::time::sleep(SETTLE_INTERVAL).await;
            if let Err(error) = store.settle().await {
                tracing::debug!(%error, "the database's log was not settled; it will be tried again");
            }
        }
    }
}

/// After this time what was erased has left the database's log too.
const SETTLE_INTERVAL: Duration = Duration::from_secs(120);

/// Makes the tables or brings them up to date, as their owner, and gives the service role its rights.
pub async fn migrate(
    config: &StoreConfig,
    owner: &str,
    password_file: &std::path::Path,
) -> Result<(), WorldError> {
    let StoreConfig::Postgres(postgres) = config else { return Err(WorldError::MigratesItself) };
    Ok(PostgresStore::migrate(&connection(postgres, owner, password_file)?).await?)
}

fn connection(
    settings: &PostgresSettings,
    role: &str,
    password_file: &std::path::Path,
) -> Result<PostgresConfig, WorldError> {
    let password = open_private(password_file, WhoMayRead::Owner)
        .and_then(read_private_text)
        .map_err(WorldError::DatabasePassword)?;
    let server = match &settings.ca_file {
        _ if settings.is_local() => {
            PostgresServer::UnixSocket { folder: settings.host.clone().into(), port: settings.port }
        }
        authorities => PostgresServer::Tcp {
            host: settings.host.clone(),
            port: settings.port,
            trust: match authorities {
                Some(file) if !settings.danger_accept_unverified_server => {
                    PostgresTrust::Verified { authorities: file.clone() }
                }
                _ => PostgresTrust::DangerUnverified,
            },
        },
    };
    Ok(PostgresConfig {
        password: Some(password),
        service_role: settings.user.clone(),
        writers: settings.commit_lanes,
        readers: settings.read_connections,
        statement_timeout: settings.statement_timeout,
        lock_timeout: settings.lock_timeout,
        ..PostgresConfig::at(server, &settings.database, role)
    })
}
