//! The registry: the tables whose rows are under a MAC. Few rows, read whole at the start and written one by one.

mod cluster;
mod encryption_keys;
mod head;
mod honeytokens;
mod hsm_keys;
mod identities;
mod key_versions;
mod keys;
mod role_grants;
mod tenants;
mod token_profiles;

use futures_util::TryStreamExt as _;
use sqlx::SqliteConnection;
use strongroom_core::ports::store::{LastUse, Registered, Registry, RegistryRow, StoreError};

pub(super) use cluster::insert as insert_cluster;
pub(super) use head::{epoch, move_on};

use super::columns::Columns;
use super::failure::{Refusal, store_error};
use super::rows::{command, execute};
use super::values::Values;

/// A table of the registry. Its statements end with the columns `epoch` and `mac`.
trait Table: Sized {
    /// What to call a row that cannot be read.
    const NAME: &'static str;
    /// Reads all rows.
    const SELECT: &'static str;
    /// Inserts a row or replaces the one with its key.
    const PUT: &'static str;

    fn bind(&self, values: &mut Values);
    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError>;
}

/// Writes rows, keys before their versions.
pub(super) async fn put(connection: &mut SqliteConnection, rows: &[&RegistryRow]) -> Result<(), Refusal> {
    let (versions, others): (Vec<&RegistryRow>, Vec<&RegistryRow>) =
        rows.iter().partition(|row| matches!(row, RegistryRow::KeyVersion(_)));
    for row in others.into_iter().chain(versions) {
        match row {
            RegistryRow::HsmKey(row) => put_row(connection, row).await?,
            RegistryRow::Tenant(row) => put_row(connection, row).await?,
            RegistryRow::Key(row) => put_row(connection, row).await?,
            RegistryRow::KeyVersion(row) => put_row(connection, row).await?,
            RegistryRow::Profile(row) => put_row(connection, row).await?,
            RegistryRow::Identity(row) => put_row(connection, row).await?,
            RegistryRow::Grant(row) => put_row(connection, row).await?,
            RegistryRow::EncryptionKey(row) => put_row(connection, row).await?,
            RegistryRow::Honeytoken(row) => put_row(connection, row).await?,
        }
    }
    Ok(())
}

/// All of it. The caller sees to it that nobody writes meanwhile.
pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Option<Registry>, StoreError> {
    let Some(cluster) = cluster::find(connection).await? else { return Ok(None) };
    let head = head::find(connection).await?.ok_or(StoreError::Unreadable("registry head"))?;
    // What the head says is not checked yet, so it is not given more room than a large registry needs.
    let expected = usize::try_from(head.rows).unwrap_or(usize::MAX).min(MOST_EXPECTED);
    let mut rows = Vec::with_capacity(expected);
    load_table(connection, RegistryRow::HsmKey, &mut rows).await?;
    load_table(connection, RegistryRow::Tenant, &mut rows).await?;
    load_table(connection, RegistryRow::Key, &mut rows).await?;
    load_table(connection, RegistryRow::KeyVersion, &mut rows).await?;
    load_table(connection, RegistryRow::Profile, &mut rows).await?;
    load_table(connection, RegistryRow::Identity, &mut rows).await?;
    load_table(connection, RegistryRow::Grant, &mut rows).await?;
    load_table(connection, RegistryRow::EncryptionKey, &mut rows).await?;
    load_table(connection, RegistryRow::Honeytoken, &mut rows).await?;
    Ok(Some(Registry { cluster, head, rows }))
}

/// Notes uses, in one transaction.
pub(super) async fn note_last_use(
    connection: &mut SqliteConnection,
    uses: &[LastUse],
) -> Result<(), StoreError> {
    command(connection, "BEGIN IMMEDIATE").await?;
    for last_use in uses {
        identities::note_use(connection, &last_use.tenant, &last_use.service, last_use.at).await?;
        for grant in &last_use.grants {
            role_grants::note_use(connection, &last_use.tenant, *grant, last_use.at).await?;
        }
    }
    command(connection, "COMMIT").await
}

async fn put_row<T: Table>(connection: &mut SqliteConnection, row: &Registered<T>) -> Result<(), Refusal> {
    let mut values = Values::default();
    row.row.bind(&mut values);
    values.number(row.epoch);
    values.blob(&row.mac);
    execute(connection, T::PUT, values).await?;
    Ok(())
}

/// Row by row: the answer as a whole would take several times the room of what is read from it.
async fn load_table<T: Table>(
    connection: &mut SqliteConnection,
    wrap: fn(Box<Registered<T>>) -> RegistryRow,
    rows: &mut Vec<RegistryRow>,
) -> Result<(), StoreError> {
    let mut answer = sqlx::query(T::SELECT).fetch(connection);
    while let Some(row) = answer.try_next().await.map_err(|error| store_error(&error))? {
        let columns = &mut Columns::of(&row, T::NAME);
        let row = T::read(columns)?;
        rows.push(wrap(Box::new(Registered { row, epoch: columns.number()?, mac: columns.array()? })));
    }
    Ok(())
}

/// Rows for which room is made at once.
const MOST_EXPECTED: usize = 1 << 20;
