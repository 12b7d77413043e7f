use sqlx::SqliteConnection;
use strongroom_core::ports::store::{BundleRow, StoreError, StreamHead};

use crate::sqlite::columns::Columns;
use crate::sqlite::rows::{Reading, execute, fetch, fetch_one};
use crate::sqlite::values::Values;

/// Adds a bundle. A trigger refuses it if its stream does not stand where it begins, and another puts a new stream on
/// the list, so that this is one statement, and by itself a transaction.
pub(in crate::sqlite) async fn append(
    connection: &mut SqliteConnection,
    bundle: &BundleRow,
) -> Result<(), sqlx::Error> {
    let mut values = Values::default();
    bind(bundle, &mut values);
    execute(connection, INSERT, values).await.map(drop)
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

macro_rules! columns {
    () => {
        "stream, first_sequence, event_count, created_at, root, compact_range, events"
    };
}

pub(in crate::sqlite) const INSERT: &str =
    concat!("INSERT INTO audit_bundles (", columns!(), ") VALUES (?,?,?,?,?,?,?)");
pub(in crate::sqlite) const HEAD: &str = "\
    SELECT stream, first_sequence + event_count, root, compact_range FROM audit_bundles \
    WHERE stream = ? ORDER BY first_sequence DESC LIMIT 1";
pub(in crate::sqlite) const READ: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM audit_bundles \
      WHERE stream = ?1 AND first_sequence + event_count > ?2 AND first_sequence >= coalesce( \
          (SELECT max(first_sequence) FROM audit_bundles WHERE stream = ?1 AND first_sequence <= ?2), 0) \
      ORDER BY first_sequence LIMIT ?3"
);

pub(in crate::sqlite) fn bind(bundle: &BundleRow, values: &mut Values) {
    values.text(&bundle.stream);
    values.number(bundle.first_sequence);
    values.integer(bundle.count);
    values.time(bundle.created_at);
    values.blob(&bundle.root);
    values.blob(&bundle.range);
    values.blob(&bundle.events);
}

fn read_head(columns: &mut Columns<'_>) -> Result<StreamHead, StoreError> {
    Ok(StreamHead {
        stream: columns.string()?,
        size: columns.number()?,
        root: columns.array()?,
        range: columns.blob()?,
    })
}

fn read_bundle(columns: &mut Columns<'_>) -> Result<BundleRow, StoreError> {
    Ok(BundleRow {
        stream: columns.string()?,
        first_sequence: columns.number()?,
        count: columns.number()?,
        created_at: columns.time()?,
        root: columns.array()?,
        range: columns.blob()?,
        events: columns.blob()?,
    })
}
