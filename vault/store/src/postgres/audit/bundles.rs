use strongroom_core::ports::store::{BundleRow, StoreError, StreamHead};

use crate::postgres::columns::Columns;
use crate::postgres::connections::Session;
use crate::postgres::rows::{Reading, fetch, fetch_one};
use crate::postgres::values::Values;

/// Where the stream stands, as the first part of a commit's statement: whether the bundle may be added, which every
/// other part asks. All parts see the database as it was when the statement began. If another writer continues the
/// stream meanwhile, both look right to themselves and the key of the bundles lets one of them in.
pub(in crate::postgres) const FITS: &str = "\
    WITH head AS MATERIALIZED (SELECT coalesce((SELECT first_sequence + event_count FROM audit_bundles \
    WHERE stream = $1 ORDER BY first_sequence DESC LIMIT 1), 0) = $2 AS fits)";
/// Notes a stream that begins.
pub(in crate::postgres) const BEGIN_STREAM: &str =
    "INSERT INTO audit_streams (stream, created_at) SELECT $1, $7 FROM head WHERE head.fits";
/// Adds the bundle: the statement's last part, which says how many rows it added. None: the stream stands elsewhere.
pub(in crate::postgres) const APPEND: &str = "\
    INSERT INTO audit_bundles (stream, first_sequence, event_count, events, root, compact_range, created_at) \
    SELECT $1, $2, $3, $4, $5, $6, $7 FROM head WHERE head.fits";

/// The values that begin a commit's statement.
pub(in crate::postgres) fn bind(bundle: &BundleRow, values: &mut Values) {
    values.text(&bundle.stream);
    values.number(bundle.first_sequence);
    values.integer(bundle.count);
    values.blob(&bundle.events);
    values.blob(&bundle.root);
    values.blob(&bundle.range);
    values.time(bundle.created_at);
}

/// How many there are.
pub(in crate::postgres) const VALUES: usize = 7;

/// Where a stream stands.
pub(in crate::postgres) async fn head(
    session: &mut Session,
    stream: &str,
) -> Result<Option<StreamHead>, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    fetch_one(session, HEAD, values, &Reading { table: "audit stream", read: read_head }).await
}

/// All streams.
pub(in crate::postgres) async fn streams(session: &mut Session) -> Result<Vec<String>, StoreError> {
    let reading = Reading { table: "audit stream", read: |columns| columns.string() };
    fetch(session, "SELECT stream FROM audit_streams ORDER BY stream", Values::default(), &reading).await
}

/// Bundles from the one that holds `from`, or the first after it.
pub(in crate::postgres) async fn read(
    session: &mut Session,
    stream: &str,
    from: u64,
    limit: u32,
) -> Result<Vec<BundleRow>, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    // No stream has as many records as this.
    values.integer(i64::try_from(from).unwrap_or(i64::MAX));
    values.integer(limit);
    fetch(session, READ, values, &Reading { table: "audit bundle", read: read_bundle }).await
}

pub(in crate::postgres) const HEAD: &str = "\
    SELECT stream, first_sequence + event_count, root, compact_range FROM audit_bundles WHERE stream = $1 \
    ORDER BY first_sequence DESC LIMIT 1";
pub(in crate::postgres) const READ: &str = "\
    SELECT stream, first_sequence, event_count, events, root, compact_range, created_at FROM audit_bundles \
    WHERE stream = $1 AND first_sequence + event_count > $2 AND first_sequence >= coalesce( \
        (SELECT max(first_sequence) FROM audit_bundles WHERE stream = $1 AND first_sequence <= $2), 0) \
    ORDER BY first_sequence LIMIT $3";

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
        events: columns.blob()?,
        root: columns.array()?,
        range: columns.blob()?,
        created_at: columns.time()?,
    })
}
