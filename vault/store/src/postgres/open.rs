use std::sync::Arc;

use sqlx::{ConnectOptions, Connection, PgConnection};
use strongroom_core::ports::store::StoreError;
use tokio::time::timeout;

use super::config::PostgresConfig;
use super::connections::Connections;
use super::failure::store_error;
use super::listening::Listening;
use super::lookups::Lookups;
use super::{PostgresStore, schema};
use crate::gathering::Gathering;

/// Look-ups that may wait in the queue.
const QUEUE: usize = 4096;

/// Why the database was not opened or not migrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostgresOpenError {
    /// There is no schema, or an older one than this program knows.
    #[error("the database is not migrated to this program's schema")]
    NotMigrated,
    /// A newer version of this program changed it.
    #[error("the database has schema {found}, which is newer than this program knows")]
    NewerSchema {
        /// Its newest migration.
        found: i64,
    },
    /// A migration that was applied is not the one this program knows by that number.
    #[error("the database's schema {0} is not the one this program knows")]
    ForeignSchema(i64),
    /// The service role does not exist.
    #[error("the service role does not exist: make it first (CREATE ROLE … LOGIN)")]
    NoServiceRole,
    /// The role may do what the service never does.
    #[error("the database role could {0}: the service must run as one that cannot")]
    PowerfulRole(&'static str),
    /// The server answers commits before they are on disk.
    #[error("the database answers commits before they are on disk (synchronous_commit is off)")]
    NotDurable,
    /// The server is older than version 15.
    #[error("the database server is older than PostgreSQL 15")]
    OldServer,
    /// The database itself failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PostgresStore {
    /// Brings the schema up to date and gives the service role its rights. As the schema's owner.
    pub async fn migrate(config: &PostgresConfig) -> Result<(), PostgresOpenError> {
        let mut connection = connect(config, config.migrating()).await?;
        check_version(&connection)?;
        schema::bring_up_to_date(&mut connection, &config.service_role).await?;
        // Migrated is migrated, whether or not the goodbye is heard.
        let _ = connection.close().await;
        Ok(())
    }

    /// Opens a database that has been migrated. As the service role.
    pub async fn open(config: &PostgresConfig) -> Result<Self, PostgresOpenError> {
        let mut connection = connect(config, config.writing()).await?;
        check_version(&connection)?;
        let limits = config.limits();
        timeout(limits.answer, check(&mut connection, config))
            .await
            .map_err(|_| StoreError::Unavailable("the database does not answer"))??;
        // It has done its work, whether or not the goodbye is heard.
        let _ = connection.close().await;
        let readers = Arc::new(Connections::new(config.reading(), config.readers, limits));
        let lookups = Arc::new(Lookups { readers: Arc::clone(&readers) });
        // One connection stays for lists and the audit record.
        let workers = usize::try_from(config.readers.saturating_sub(1)).unwrap_or(1);
        let patience = limits.wait.saturating_add(limits.answer);
        Ok(Self {
            writers: Connections::new(config.writing(), config.writers, limits),
            readers,
            lookups: Gathering::start(&lookups, workers, QUEUE, patience),
            listening: Listening::start(config.reading(), limits.connect),
        })
    }
}

async fn connect(
    config: &PostgresConfig,
    options: sqlx::postgres::PgConnectOptions,
) -> Result<PgConnection, StoreError> {
    timeout(config.connect_timeout, options.connect())
        .await
        .map_err(|_| StoreError::Unavailable("the database does not accept connections"))?
        .map_err(|error| store_error(&error))
}

fn check_version(connection: &PgConnection) -> Result<(), PostgresOpenError> {
    match connection.server_version_num() {
        Some(version) if version < 150_000 => Err(PostgresOpenError::OldServer),
        _ => Ok(()),
    }
}

async fn check(connection: &mut PgConnection, config: &PostgresConfig) -> Result<(), PostgresOpenError> {
    schema::check(connection).await?;
    let failed = |error: sqlx::Error| PostgresOpenError::from(store_error(&error));
    let (schema, audit, durable): (bool, bool, bool) =
        sqlx::query_as(POWERS).fetch_one(connection).await.map_err(failed)?;
    if !durable {
        return Err(PostgresOpenError::NotDurable);
    }
    match (schema, audit) {
        _ if config.danger_accept_powerful_role => Ok(()),
        (true, _) => Err(PostgresOpenError::PowerfulRole("change the schema")),
        (_, true) => Err(PostgresOpenError::PowerfulRole("change the audit record")),
        (false, false) => Ok(()),
    }
}

/// Whether the role could change the schema, itself or as a role that it could become or make; whether it could change
/// the audit record; whether commits are on disk before they are answered.
const POWERS: &str = "\
    SELECT (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) \
        OR has_schema_privilege(current_schema(), 'CREATE') \
        OR EXISTS (SELECT FROM pg_namespace WHERE nspname = current_schema() AND pg_has_role(nspowner, 'MEMBER')) \
        OR EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'MEMBER')) \
        OR EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
            AND pg_has_role(relowner, 'MEMBER')), \
    EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
        AND relname IN ('audit_streams', 'audit_bundles', 'audit_segments', 'checkpoints') \
        AND (has_any_column_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE, TRUNCATE, TRIGGER'))), \
    current_setting('synchronous_commit') <> 'off'";
