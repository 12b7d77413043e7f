use sqlx::SqliteConnection;
use strongroom_core::ports::store::{AuditFilter, AuditPosition, StoreError};
use strongroom_domain::{TenantId, Timestamp};

use crate::sqlite::columns::Columns;
use crate::sqlite::rows::{Reading, fetch};
use crate::sqlite::values::Values;

/// A search that begins with these conditions; further filters apply where they are given. The index is named, because
/// without statistics SQLite prefers the table's own order. The plus keeps the cursor from being taken for the index's
/// range: `?3` is never later than it, so the scan begins at the right place.
macro_rules! search {
    ($index:literal, $lead:literal) => {
        concat!(
            "SELECT time, stream, sequence FROM audit_index ",
            $index,
            " WHERE ",
            $lead,
            " AND time >= ?2 AND time <= ?3 AND (+time, stream, sequence) < (?9, ?10, ?11) \
             AND (?4 IS NULL OR actor = ?4) AND (?5 IS NULL OR action = ?5) AND (?6 IS NULL OR object = ?6) \
             AND (?7 IS NULL OR outcome = ?7) AND (?8 IS NULL OR request_id = ?8) \
             ORDER BY time DESC, stream DESC, sequence DESC LIMIT ?12"
        )
    };
}

/// Positions of matching records, newest first.
pub(in crate::sqlite) async fn search(
    connection: &mut SqliteConnection,
    tenant: Option<&TenantId>,
    filter: &AuditFilter,
    before: Option<&AuditPosition>,
    limit: u32,
) -> Result<Vec<AuditPosition>, StoreError> {
    let mut values = Values::default();
    let last_time = filter.to.map_or(i64::MAX, |to| to.unix_millis().saturating_sub(1));
    let cursor_time = before.map_or(i64::MAX, |position| position.time.unix_millis());
    values.optional_text(tenant.map(TenantId::as_str));
    values.integer(filter.from.map_or(i64::MIN, Timestamp::unix_millis));
    values.integer(last_time.min(cursor_time));
    values.optional_text(filter.actor.as_deref());
    values.optional_text(filter.action.as_deref());
    values.optional_text(filter.object.as_deref());
    values.optional_text(filter.outcome.as_deref());
    values.optional_text(filter.request_id.as_deref());
    values.integer(cursor_time);
    values.text(before.map_or("\u{10ffff}", |position| &position.stream));
    values.integer(before.map_or(0, |position| i64::try_from(position.sequence).unwrap_or(i64::MAX)));
    values.integer(limit);
    fetch(connection, statement(tenant, filter), values, &Reading { table: "audit index row", read }).await
}

/// The statement whose first conditions lead to the index with the fewest candidates.
pub(in crate::sqlite) const fn statement(tenant: Option<&TenantId>, filter: &AuditFilter) -> &'static str {
    let by_request = filter.request_id.is_some();
    let by_object = filter.object.is_some();
    match tenant {
        Some(_) if by_request => {
            search!("INDEXED BY audit_index_by_request", "tenant = ?1 AND request_id = ?8")
        }
        Some(_) if by_object => search!("INDEXED BY audit_index_by_object", "tenant = ?1 AND object = ?6"),
        Some(_) if filter.actor.is_some() => {
            search!("INDEXED BY audit_index_by_actor", "tenant = ?1 AND actor = ?4")
        }
        Some(_) => search!("", "tenant = ?1"),
        None if by_request => search!("INDEXED BY audit_index_by_request", "?1 IS NULL AND request_id = ?8"),
        None => search!("INDEXED BY audit_index_by_time", "?1 IS NULL"),
    }
}

fn read(columns: &mut Columns<'_>) -> Result<AuditPosition, StoreError> {
    Ok(AuditPosition { time: columns.time()?, stream: columns.string()?, sequence: columns.number()? })
}
