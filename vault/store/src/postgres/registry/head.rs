use strongroom_core::ports::store::{RegistryHead, StoreError};

use crate::changes::HeadMove;
use crate::postgres::columns::Columns;
use crate::postgres::connections::Session;
use crate::postgres::failure::Refusal;
use crate::postgres::rows::{Reading, execute, fetch_one};
use crate::postgres::values::Values;

/// Told to every node when the head has moved, with the epoch.
pub(in crate::postgres) const CHANNEL: &str = "strongroom_registry";

/// Moves the head on, and tells the other nodes when this is committed; refused if it is not at the expected epoch.
pub(in crate::postgres) async fn move_on(session: &mut Session, step: HeadMove<'_>) -> Result<(), Refusal> {
    let mut values = Values::default();
    values.number(step.head.epoch);
    values.number(step.head.rows);
    values.blob(&step.head.digest);
    values.blob(&step.head.mac);
    let moved = if step.expected_epoch == 0 {
        execute(session, BEGIN, values).await?
    } else {
        values.number(step.expected_epoch);
        execute(session, MOVE, values).await?
    };
    if moved == 1 { Ok(()) } else { Err(Refusal::Conflict) }
}

/// The head's epoch; 0 if there is no head.
pub(in crate::postgres) async fn epoch(session: &mut Session) -> Result<u64, StoreError> {
    let reading = Reading { table: "registry head", read: |columns| columns.number() };
    let epoch = fetch_one(session, EPOCH, Values::default(), &reading).await?;
    Ok(epoch.unwrap_or(0))
}

/// The head.
pub(super) async fn find(session: &mut Session) -> Result<Option<RegistryHead>, StoreError> {
    fetch_one(session, FIND, Values::default(), &Reading { table: "registry head", read }).await
}

/// A statement that moves the head, and as many rows as heads were moved.
macro_rules! and_tell {
    ($moving:literal) => {
        concat!(
            "WITH moved AS (",
            $moving,
            " RETURNING epoch) SELECT pg_notify('strongroom_registry', epoch::text) FROM moved"
        )
    };
}

const BEGIN: &str = and_tell!(
    "INSERT INTO registry_head (only_row, epoch, row_count, digest, mac) VALUES (1, $1, $2, $3, $4) \
     ON CONFLICT DO NOTHING"
);
const MOVE: &str = and_tell!(
    "UPDATE registry_head SET epoch = $1, row_count = $2, digest = $3, mac = $4 WHERE only_row = 1 AND epoch = $5"
);
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
