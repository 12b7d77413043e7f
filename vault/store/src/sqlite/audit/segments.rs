use sqlx::SqliteConnection;
use strongroom_core::ports::store::{SegmentPosition, SegmentRow, StoreError};
use strongroom_domain::Timestamp;

use crate::sqlite::columns::Columns;
use crate::sqlite::failure::store_error;
use crate::sqlite::rows::{Reading, execute, fetch, fetch_one};
use crate::sqlite::values::Values;

/// Keeps a segment; one with the same key stays as it is.
pub(in crate::sqlite) async fn keep(
    connection: &mut SqliteConnection,
    row: &SegmentRow,
) -> Result<(), StoreError> {
    let mut values = Values::default();
    values.text(&row.stream);
    values.number(row.first_sequence);
    values.number(row.end);
    values.time(row.first_time);
    values.time(row.last_time);
    values.blob(&row.terms);
    execute(connection, KEEP, values).await.map(drop).map_err(|error| store_error(&error))
}

/// The end of the stream's last segment.
pub(in crate::sqlite) async fn until(
    connection: &mut SqliteConnection,
    stream: &str,
) -> Result<u64, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    let reading = Reading { table: "audit segment", read: |columns| columns.number() };
    Ok(fetch_one(connection, UNTIL, values, &reading).await?.unwrap_or(0))
}

/// Segments that may hold records of this time, latest first.
pub(in crate::sqlite) async fn read(
    connection: &mut SqliteConnection,
    from: Timestamp,
    until: Timestamp,
    before: Option<&SegmentPosition>,
    limit: u32,
) -> Result<Vec<SegmentRow>, StoreError> {
    let mut values = Values::default();
    values.time(from);
    values.time(until);
    // Later than any time, so that the rest does not matter.
    values.integer(before.map_or(i64::MAX, |position| position.last_time.unix_millis()));
    values.text(before.map_or("\u{10ffff}", |position| &position.stream));
    values.integer(before.map_or(0, |position| i64::try_from(position.first_sequence).unwrap_or(i64::MAX)));
    values.integer(limit);
    fetch(connection, READ, values, &Reading { table: "audit segment", read: read_segment }).await
}

macro_rules! columns {
    () => {
        "stream, first_sequence, end_sequence, first_time, last_time, terms"
    };
}

const KEEP: &str = concat!(
    "INSERT INTO audit_segments (",
    columns!(),
    ") VALUES (?,?,?,?,?,?) ON CONFLICT (stream, first_sequence) DO NOTHING"
);
pub(in crate::sqlite) const UNTIL: &str =
    "SELECT end_sequence FROM audit_segments WHERE stream = ? ORDER BY first_sequence DESC LIMIT 1";
pub(in crate::sqlite) const READ: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM audit_segments WHERE last_time >= ? AND first_time <= ? \
     AND (last_time, stream, first_sequence) < (?, ?, ?) \
     ORDER BY last_time DESC, stream DESC, first_sequence DESC LIMIT ?"
);

fn read_segment(columns: &mut Columns<'_>) -> Result<SegmentRow, StoreError> {
    Ok(SegmentRow {
        stream: columns.string()?,
        first_sequence: columns.number()?,
        end: columns.number()?,
        first_time: columns.time()?,
        last_time: columns.time()?,
        terms: columns.blob()?,
    })
}
