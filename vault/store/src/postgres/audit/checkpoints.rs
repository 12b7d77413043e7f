use strongroom_core::ports::store::{CheckpointRow, StoreError};

use crate::postgres::columns::Columns;
use crate::postgres::connections::Session;
use crate::postgres::failure::store_error;
use crate::postgres::rows::{Reading, execute, fetch, fetch_one};
use crate::postgres::values::Values;

/// Keeps a checkpoint; one of the same size stays.
pub(in crate::postgres) async fn keep(session: &mut Session, row: &CheckpointRow) -> Result<(), StoreError> {
    let mut values = Values::default();
    values.text(&row.stream);
    values.number(row.size);
    values.text(&row.note);
    values.time(row.created_at);
    execute(session, KEEP, values).await.map(drop).map_err(|error| store_error(&error))
}

/// Checkpoints of at least this size, smallest first.
pub(in crate::postgres) async fn read(
    session: &mut Session,
    stream: &str,
    from_size: u64,
    limit: u32,
) -> Result<Vec<CheckpointRow>, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    values.integer(i64::try_from(from_size).unwrap_or(i64::MAX));
    values.integer(limit);
    fetch(session, READ, values, &CHECKPOINT).await
}

/// The checkpoint of the greatest size.
pub(in crate::postgres) async fn latest(
    session: &mut Session,
    stream: &str,
) -> Result<Option<CheckpointRow>, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    fetch_one(session, LATEST, values, &CHECKPOINT).await
}

const KEEP: &str =
    "INSERT INTO checkpoints (stream, size, note, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
pub(in crate::postgres) const READ: &str = "SELECT stream, size, note, created_at FROM checkpoints \
                                            WHERE stream = $1 AND size >= $2 ORDER BY size LIMIT $3";
pub(in crate::postgres) const LATEST: &str =
    "SELECT stream, size, note, created_at FROM checkpoints WHERE stream = $1 ORDER BY size DESC LIMIT 1";

const CHECKPOINT: Reading<CheckpointRow> = Reading { table: "checkpoint", read: read_checkpoint };

fn read_checkpoint(columns: &mut Columns<'_>) -> Result<CheckpointRow, StoreError> {
    Ok(CheckpointRow {
        stream: columns.string()?,
        size: columns.number()?,
        note: columns.string()?,
        created_at: columns.time()?,
    })
}
