//! Brings the schema up to date, and recognises it.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{PgConnection, SqlSafeStr};
use strongroom_core::ports::store::StoreError;

use super::PostgresOpenError;
use super::config::SCHEMA;
use super::failure::{code, store_error};

/// Every migration there is, in order. One that has been released is never edited: its checksum is stored.
const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "initial schema", include_str!("../../migrations/postgres/0001_initial_schema.sql"))];

/// The service role's rights, given anew after every migration.
const SERVICE_ROLE: &str = include_str!("../../migrations/postgres/service_role.sql");

/// Applies what is missing, each migration in a transaction of its own, then gives the service role its rights. Refuses
/// a schema it does not know. One at a time: others wait.
pub(super) async fn bring_up_to_date(
    connection: &mut PgConnection,
    service_role: &str,
) -> Result<(), PostgresOpenError> {
    let failed = |error: sqlx::Error| PostgresOpenError::from(store_error(&error));
    sqlx::raw_sql(LOCK).execute(&mut *connection).await.map_err(failed)?;
    // Two may not make it at once, so the lock comes first.
    sqlx::raw_sql("CREATE SCHEMA IF NOT EXISTS strongroom")
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    let mut migrator = Migrator::with_migrations(migrations());
    migrator.set_locking(false);
    migrator.run_direct(None, &mut *connection, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) => PostgresOpenError::NewerSchema { found },
        MigrateError::VersionMismatch(version) => PostgresOpenError::ForeignSchema(version),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => store_error(&error).into(),
        _ => StoreError::Unreadable("schema").into(),
    })?;
    give_rights(connection, service_role).await.map_err(|error| match code(&error).as_deref() {
        Some("42704") => PostgresOpenError::NoServiceRole,
        _ => store_error(&error).into(),
    })?;
    sqlx::raw_sql(UNLOCK).execute(connection).await.map_err(failed)?;
    Ok(())
}

/// Whether the schema is the one this program knows: no more and no less.
pub(super) async fn check(connection: &mut PgConnection) -> Result<(), PostgresOpenError> {
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version")
            .fetch_all(connection)
            .await
            .map_err(|error| match code(&error).as_deref() {
                Some("42P01" | "3F000" | "42501") => PostgresOpenError::NotMigrated,
                _ => store_error(&error).into(),
            })?;
    let known = migrations();
    if let Some((found, _)) = applied.get(known.len()) {
        return Err(PostgresOpenError::NewerSchema { found: *found });
    }
    if applied.len() < known.len() {
        return Err(PostgresOpenError::NotMigrated);
    }
    match applied.iter().zip(&known).find(|((version, checksum), migration)| {
        *version != migration.version || **checksum != *migration.checksum
    }) {
        Some(((version, _), _)) => Err(PostgresOpenError::ForeignSchema(*version)),
        None => Ok(()),
    }
}

/// An arbitrary number that nothing else in a database of this program's locks.
const LOCK: &str = "SELECT pg_advisory_lock(7162031)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7162031)";

fn migrations() -> Vec<Migration> {
    let migration = |(version, description, text): &(i64, &'static str, &'static str)| {
        let description = Cow::Borrowed(*description);
        Migration::new(*version, description, MigrationType::Simple, text.into_sql_str(), false)
    };
    MIGRATIONS.iter().map(migration).collect()
}

async fn give_rights(connection: &mut PgConnection, service_role: &str) -> Result<(), sqlx::Error> {
    let mut transaction = sqlx::Connection::begin(connection).await?;
    // The server quotes the names: it alone knows how.
    sqlx::query(
        "SELECT set_config('strongroom.service_role', $1, true), set_config('search_path', $2, true)",
    )
    .bind(service_role)
    .bind(SCHEMA)
    .execute(&mut *transaction)
    .await?;
    sqlx::raw_sql(SERVICE_ROLE).execute(&mut *transaction).await?;
    transaction.commit().await
}
