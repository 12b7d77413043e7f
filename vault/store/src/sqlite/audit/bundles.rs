use sqlx::SqliteConnection;
use strongroom_core::ports::store::{BundleRow, CommitError, StoreError, StreamHead};

use crate::sqlite::columns::Columns;
use crate::sqlite::failure::store_error;
use crate::sqlite::rows::{Reading, execute, fetch, fetch_one};
use crate::sqlite::values::Values;

/// Moves the stream's head on and adds the bundle. Fenced if the stream does not stand where the bundle begins.
pub(in crate::sqlite) async fn append(
    connection: &mut SqliteConnection,
    bundle: &BundleRow,
    head: &StreamHead,
) -> Result<(), CommitError> {
    let failed = |error: sqlx::Error| CommitError::Store(store_error(&error));
    let mut values = Values::default();
    values.number(head.size);
    values.blob(&head.range);
    values.text(&head.stream);
    let moved = if bundle.first_sequence == 0 {
        execute(connection, BEGIN_STREAM, values).await.map_err(failed)?
    } else {
        values.number(bundle.first_sequence);
        execute(connection, CONTINUE_STREAM, values).await.map_err(failed)?
    };
    if moved == 0 {
        return Err(CommitError::Fenced);
    }
    let mut values = Values::default();
    values.text(&bundle.stream);
    values.number(bundle.first_sequence);
    values.integer(bundle.count);
    values.blob(&bundle.events);
    values.blob(&bundle.root);
    values.time(bundle.created_at);
    execute(connection, INSERT, values).await.map_err(failed)?;
    Ok(())
}

/// Where a stream stands.
pub(in crate::sqlite) async fn head(
    connection: &mut SqliteConnection,
    stream: &str,
) -> Result<Option<StreamHead>, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    fetch_one(connection, HEAD, values, &Reading { table: "audit stream", read: read_head }).await
}

/// All streams.
pub(in crate::sqlite) async fn streams(connection: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let reading = Reading { table: "audit stream", read: |columns| columns.string() };
    fetch(connection, "SELECT stream FROM audit_streams ORDER BY stream", Values::default(), &reading).await
}

/// Bundles from the one that holds `from`, or the first after it.
pub(in crate::sqlite) async fn read(
    connection: &mut SqliteConnection,
    stream: &str,
    from: u64,
    limit: u32,
) -> Result<Vec<BundleRow>, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    // No stream has as many records as this.
    values.integer(i64::try_from(from).unwrap_or(i64::MAX));
    values.integer(limit);
    fetch(connection, READ, values, &Reading { table: "audit bundle", read: read_bundle }).await
}

const BEGIN_STREAM: &str =
    "INSERT INTO audit_streams (size, compact_range, stream) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
const CONTINUE_STREAM: &str =
    "UPDATE audit_streams SET size = ?, compact_range = ? WHERE stream = ? AND size = ?";
const INSERT: &str = "INSERT INTO audit_bundles (stream, first_sequence, event_count, events, root, created_at) \
                      VALUES (?, ?, ?, ?, ?, ?)";
const HEAD: &str = "SELECT stream, size, compact_range FROM audit_streams WHERE stream = ?";
pub(in crate::sqlite) const READ: &str = "\
    SELECT stream, first_sequence, event_count, events, root, created_at FROM audit_bundles \
    WHERE stream = ?1 AND first_sequence + event_count > ?2 AND first_sequence >= coalesce( \
        (SELECT max(first_sequence) FROM audit_bundles WHERE stream = ?1 AND first_sequence <= ?2), 0) \
    ORDER BY first_sequence LIMIT ?3";

fn read_head(columns: &mut Columns<'_>) -> Result<StreamHead, StoreError> {
    Ok(StreamHead { stream: columns.string()?, size: columns.number()?, range: columns.blob()? })
}

fn read_bundle(columns: &mut Columns<'_>) -> Result<BundleRow, StoreError> {
    Ok(BundleRow {
        stream: columns.string()?,
        first_sequence: columns.number()?,
        count: columns.number()?,
        events: columns.blob()?,
        root: columns.array()?,
        created_at: columns.time()?,
    })
}
