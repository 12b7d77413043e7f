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

use strongroom_core::ports::store::{LastUse, Registered, Registry, RegistryRow, StoreError};

pub(super) use cluster::insert as insert_cluster;
pub(super) use head::{CHANNEL, epoch, move_on};

use super::columns::Columns;
use super::connections::Session;
use super::failure::{Refusal, store_error};
use super::rows::{Reading, command, execute, fetch};
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
pub(super) async fn put(session: &mut Session, rows: &[&RegistryRow]) -> Result<(), Refusal> {
    let (versions, others): (Vec<&RegistryRow>, Vec<&RegistryRow>) =
        rows.iter().partition(|row| matches!(row, RegistryRow::KeyVersion(_)));
    for row in others.into_iter().chain(versions) {
        match row {
            RegistryRow::HsmKey(row) => put_row(session, row).await?,
            RegistryRow::Tenant(row) => put_row(session, row).await?,
            RegistryRow::Key(row) => put_row(session, row).await?,
            RegistryRow::KeyVersion(row) => put_row(session, row).await?,
            RegistryRow::Profile(row) => put_row(session, row).await?,
            RegistryRow::Identity(row) => put_row(session, row).await?,
            RegistryRow::Grant(row) => put_row(session, row).await?,
            RegistryRow::EncryptionKey(row) => put_row(session, row).await?,
            RegistryRow::Honeytoken(row) => put_row(session, row).await?,
        }
    }
    Ok(())
}

/// All of it, as it is at one moment.
pub(super) async fn load(session: &mut Session) -> Result<Option<Registry>, StoreError> {
    let failed = |error| store_error(&error);
    command(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map_err(failed)?;
    let registry = load_all(session).await?;
    command(session, "COMMIT").await.map_err(failed)?;
    Ok(registry)
}

async fn load_all(session: &mut Session) -> Result<Option<Registry>, StoreError> {
    let Some(cluster) = cluster::find(session).await? else { return Ok(None) };
    let head = head::find(session).await?.ok_or(StoreError::Unreadable("registry head"))?;
    let mut rows = Vec::new();
    load_table(session, RegistryRow::HsmKey, &mut rows).await?;
    load_table(session, RegistryRow::Tenant, &mut rows).await?;
    load_table(session, RegistryRow::Key, &mut rows).await?;
    load_table(session, RegistryRow::KeyVersion, &mut rows).await?;
    load_table(session, RegistryRow::Profile, &mut rows).await?;
    load_table(session, RegistryRow::Identity, &mut rows).await?;
    load_table(session, RegistryRow::Grant, &mut rows).await?;
    load_table(session, RegistryRow::EncryptionKey, &mut rows).await?;
    load_table(session, RegistryRow::Honeytoken, &mut rows).await?;
    Ok(Some(Registry { cluster, head, rows }))
}

/// Notes uses, never an earlier one than is known. Rows in order of their keys, so that nodes which note the same wait
/// for each other and never in a circle.
pub(super) async fn note_last_use(session: &mut Session, uses: &[LastUse]) -> Result<(), StoreError> {
    let mut of_identities: Vec<_> = uses.iter().map(|last| (&last.tenant, &last.service, last.at)).collect();
    of_identities.sort_unstable();
    let mut of_grants: Vec<_> = uses
        .iter()
        .flat_map(|last| last.grants.iter().map(|grant| (&last.tenant, *grant, last.at)))
        .collect();
    of_grants.sort_unstable();
    identities::note_uses(session, &of_identities).await?;
    role_grants::note_uses(session, &of_grants).await
}

async fn put_row<T: Table>(session: &mut Session, row: &Registered<T>) -> Result<(), Refusal> {
    let mut values = Values::default();
    row.row.bind(&mut values);
    values.number(row.epoch);
    values.blob(&row.mac);
    execute(session, T::PUT, values).await?;
    Ok(())
}

async fn load_table<T: Table>(
    session: &mut Session,
    wrap: fn(Box<Registered<T>>) -> RegistryRow,
    rows: &mut Vec<RegistryRow>,
) -> Result<(), StoreError> {
    let reading = Reading {
        table: T::NAME,
        read: |columns| {
            let row = T::read(columns)?;
            Ok(Box::new(Registered { row, epoch: columns.number()?, mac: columns.array()? }))
        },
    };
    rows.extend(fetch(session, T::SELECT, Values::default(), &reading).await?.into_iter().map(wrap));
    Ok(())
}
