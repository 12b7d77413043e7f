use std::sync::LazyLock;

use sqlx::SqliteConnection;
use strongroom_core::ports::store::{IndexRow, StoreError};

use crate::sqlite::failure::store_error;
use crate::sqlite::rows::{ManyRows, Reading, command, execute, fetch_one};
use crate::sqlite::values::Values;

/// The first record of the stream that is not in the index.
pub(in crate::sqlite) async fn until(
    connection: &mut SqliteConnection,
    stream: &str,
) -> Result<u64, StoreError> {
    let mut values = Values::default();
    values.text(stream);
    let reading = Reading { table: "audit index mark", read: |columns| columns.number() };
    let mark = fetch_one(connection, MARK, values, &reading).await?;
    Ok(mark.unwrap_or(0))
}

/// Adds rows and moves the mark, in one transaction. Rows that are there already stay; the mark never moves back.
pub(in crate::sqlite) async fn add(
    connection: &mut SqliteConnection,
    stream: &str,
    rows: &[IndexRow],
    until: u64,
) -> Result<(), StoreError> {
    command(connection, "BEGIN IMMEDIATE").await?;
    let rows: Vec<&IndexRow> = rows.iter().collect();
    INSERT.write(connection, &rows, bind).await.map_err(|error| store_error(&error))?;
    let mut values = Values::default();
    values.text(stream);
    values.number(until);
    execute(connection, MOVE_MARK, values).await.map_err(|error| store_error(&error))?;
    command(connection, "COMMIT").await
}

const MARK: &str = "SELECT indexed_until FROM audit_index_marks WHERE stream = ?";
const MOVE_MARK: &str = "INSERT INTO audit_index_marks (stream, indexed_until) VALUES (?, ?) ON CONFLICT (stream) \
                         DO UPDATE SET indexed_until = max(indexed_until, excluded.indexed_until)";
static INSERT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO audit_index (tenant, time, stream, sequence, actor, action, object, outcome, request_id) VALUES ",
        "(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        " ON CONFLICT DO NOTHING",
    )
});

fn bind(row: &IndexRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    values.time(row.position.time);
    values.text(&row.position.stream);
    values.number(row.position.sequence);
    values.text(&row.actor);
    values.text(&row.action);
    values.optional_text(row.object.as_deref());
    values.text(&row.outcome);
    values.text(&row.request_id);
}
