use strongroom_core::ports::store::{SegmentPosition, SegmentRow, StoreError};
use strongroom_domain::Timestamp;

use crate::postgres::columns::Columns;
use crate::postgres::connections::Session;
use crate::postgres::failure::store_error;
use crate::postgres::rows::{Reading, execute, fetch, fetch_one};
use crate::postgres::values::Values;

/// Keeps a segment; one with the same key stays.
pub(in crate::postgres) async fn keep(session: &mut Session, row: &SegmentRow) -> Result<(), StoreError> {
    let mut values = Values::default();
    values.text(&row.stream);
    values.number(row.first_sequence);
    values.number(row.end);
    values.time(row.first_time);
    values.time(row.last_time);
    values.blob(&row.terms);
    execute(session, KEEP, values).await.map(drop).map_err(|error| store_error(&error))
}

/// The sequence number after the last record in a segment.
pub(in crate::postgres) async fn until(session: &mut Session, stream: &str) -> Result<u64, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    let reading = Reading { table: "audit segment", read: |columns| columns.number() };
    Ok(fetch_one(session, UNTIL, values, &reading).await?.unwrap_or(0))
}

/// Segments before a position, latest first.
pub(in crate::postgres) async fn read(
    session: &mut Session,
    from: Timestamp,
    until: Timestamp,
    before: Option<&SegmentPosition>,
    limit: u32,
) -> Result<Vec<SegmentRow>, StoreError> {
    let mut values = Values::default();
    values.time(from);
    values.time(until);
    values.integer(before.map_or(i64::MAX, |position| position.last_time.unix_millis()));
    // After every stream that a name can have.
    values.text(before.map_or("\u{10ffff}", |position| &position.stream));
    values.integer(
        before.map_or(i64::MAX, |position| i64::try_from(position.first_sequence).unwrap_or(i64::MAX)),
    );
    values.integer(limit);
    fetch(session, READ, values, &Reading { table: "audit segment", read: read_segment }).await
}

const KEEP: &str = "\
    INSERT INTO audit_segments (stream, first_sequence, end_sequence, first_time, last_time, terms) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
pub(in crate::postgres) const UNTIL: &str =
    "SELECT end_sequence FROM audit_segments WHERE stream = $1 ORDER BY first_sequence DESC LIMIT 1";
/// The places are found in the index alone, and only the rows of a page are read.
pub(in crate::postgres) const READ: &str = "\
    SELECT segment.stream, segment.first_sequence, segment.end_sequence, segment.first_time, segment.last_time, \
    segment.terms FROM (SELECT last_time, stream, first_sequence FROM audit_segments \
        WHERE last_time >= $1 AND first_time <= $2 AND (last_time, stream, first_sequence) < ($3, $4, $5) \
        ORDER BY last_time DESC, stream DESC, first_sequence DESC LIMIT $6) AS place \
    JOIN audit_segments AS segment USING (stream, first_sequence) \
    ORDER BY place.last_time DESC, place.stream DESC, place.first_sequence DESC";

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
