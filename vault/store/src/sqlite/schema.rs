//! Brings the schema up to date.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqliteConnection};
use strongroom_core::ports::store::StoreError;

use super::OpenError;
use super::failure::store_error;

/// Every migration there is, in order. One that has been released is never edited: its checksum is stored.
const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "initial schema", include_str!("../../migrations/sqlite/0001_initial_schema.sql"))];

/// Applies what is missing, each migration in a transaction of its own. Refuses a schema it does not know.
pub(super) async fn bring_up_to_date(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let migrations = MIGRATIONS.iter().map(|(version, description, text)| {
        Migration::new(
            *version,
            Cow::Borrowed(*description),
            MigrationType::Simple,
            text.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect()).run(connection).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) => OpenError::NewerSchema { found },
        MigrateError::VersionMismatch(version) => OpenError::ForeignSchema(version),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => store_error(&error).into(),
        _ => StoreError::Unreadable("schema").into(),
    })
}
