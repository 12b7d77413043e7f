use sqlx::SqliteConnection;
use strongroom_core::ports::store::{CheckpointRow, StoreError};

use crate::sqlite::columns::Columns;
use crate::sqlite::failure::store_error;
use crate::sqlite::rows::{Reading, execute, fetch, fetch_one};
use crate::sqlite::values::Values;

/// Keeps a checkpoint; one of the same size stays as it is.
pub(in crate::sqlite) async fn keep(
    connection: &mut SqliteConnection,
    row: &CheckpointRow,
) -> Result<(), StoreError> {
    let mut values = Values::default();
    values.text(&row.stream);
    values.number(row.size);
    values.text(&row.note);
    values.time(row.created_at);
    execute(connection, KEEP, values).await.map(drop).map_err(|error| store_error(&error))
}

/// Checkpoints of at least this size, smallest first.
pub(in crate::sqlite) async fn read(
    connection: &mut SqliteConnection,
    stream: &str,
    from_size: u64,
    limit: u32,
) -> Result<Vec<CheckpointRow>, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    values.integer(i64::try_from(from_size).unwrap_or(i64::MAX));
    values.integer(limit);
    fetch(connection, READ, values, &CHECKPOINT).await
}

/// The checkpoint of the greatest size.
pub(in crate::sqlite) async fn latest(
    connection: &mut SqliteConnection,
    stream: &str,
) -> Result<Option<CheckpointRow>, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    fetch_one(connection, LATEST, values, &CHECKPOINT).await
}

const KEEP: &str = "INSERT INTO checkpoints (stream, size, note, created_at) VALUES (?, ?, ?, ?) \
                   ON CONFLICT (stream, size) DO NOTHING";
pub(in crate::sqlite) const READ: &str = "SELECT stream, size, note, created_at FROM checkpoints \
                                          WHERE stream = ? AND size >= ? ORDER BY size LIMIT ?";
pub(in crate::sqlite) const LATEST: &str =
    "SELECT stream, size, note, created_at FROM checkpoints WHERE stream = ? ORDER BY size DESC LIMIT 1";

const CHECKPOINT: Reading<CheckpointRow> = Reading { table: "checkpoint", read: read_checkpoint };

fn read_checkpoint(columns: &mut Columns<'_>) -> Result<CheckpointRow, StoreError> {
    Ok(CheckpointRow {
        stream: columns.string()?,
        size: columns.number()?,
        note: columns.string()?,
        created_at: columns.time()?,
    })
}
