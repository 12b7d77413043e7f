use sqlx::SqliteConnection;
use strongroom_core::ports::store::{RegistryHead, StoreError};

use crate::changes::HeadMove;
use crate::sqlite::columns::Columns;
use crate::sqlite::failure::Refusal;
use crate::sqlite::rows::{Reading, execute, fetch_one};
use crate::sqlite::values::Values;

/// Moves the head on; refused if it is not at the expected epoch.
pub(in crate::sqlite) async fn move_on(
    connection: &mut SqliteConnection,
    step: HeadMove<'_>,
) -> Result<(), Refusal> {
    let mut values = Values::default();
    values.number(step.head.epoch);
    values.number(step.head.rows);
    values.blob(&step.head.digest);
    values.blob(&step.head.mac);
    let moved = if step.expected_epoch == 0 {
        execute(connection, BEGIN, values).await?
    } else {
        values.number(step.expected_epoch);
        execute(connection, MOVE, values).await?
    };
    if moved == 1 { Ok(()) } else { Err(Refusal::Conflict) }
}

/// The head's epoch; 0 if there is no head.
pub(in crate::sqlite) async fn epoch(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    let reading = Reading { table: "registry head", read: |columns| columns.number() };
    let epoch = fetch_one(connection, EPOCH, Values::default(), &reading).await?;
    Ok(epoch.unwrap_or(0))
}

/// The head.
pub(super) async fn find(connection: &mut SqliteConnection) -> Result<Option<RegistryHead>, StoreError> {
    fetch_one(connection, FIND, Values::default(), &Reading { table: "registry head", read }).await
}

const BEGIN: &str =
    "INSERT INTO registry_head (only_row, epoch, row_count, digest, mac) VALUES (1, ?, ?, ?, ?)";
const MOVE: &str = "UPDATE registry_head SET epoch = ?, row_count = ?, digest = ?, mac = ? \
                    WHERE only_row = 1 AND epoch = ?";
const EPOCH: &str = "SELECT epoch FROM registry_head WHERE only_row = 1";
const FIND: &str = "SELECT epoch, row_count, digest, mac FROM registry_head WHERE only_row = 1";

fn read(columns: &mut Columns<'_>) -> Result<RegistryHead, StoreError> {
    Ok(RegistryHead {
        epoch: columns.number()?,
        rows: columns.number()?,
        digest: columns.array()?,
        mac: columns.array()?,
    })
}
