use std::sync::LazyLock;

use sqlx::SqliteConnection;
use strongroom_core::ports::store::{AnswerRow, StoreError};
use strongroom_domain::{IdempotencyKey, KeyVersion, ServiceName, TenantId, Timestamp};

use super::columns::Columns;
use super::failure::{Refusal, store_error};
use super::rows::{ManyRows, Reading, execute, fetch_one};
use super::values::Values;

/// Keeps answers; refused if a caller has one under the key.
pub(super) async fn insert(connection: &mut SqliteConnection, rows: &[&AnswerRow]) -> Result<(), Refusal> {
    INSERT.write(connection, rows, bind).await?;
    Ok(())
}

/// The answer under a key.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    service: &ServiceName,
    key: &IdempotencyKey,
) -> Result<Option<AnswerRow>, StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.text(service.as_str());
    values.text(key.as_str());
    fetch_one(connection, FIND, values, &Reading { table: "stored answer", read }).await
}

/// Forgets the oldest answers.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut values = Values::default();
    values.time(before);
    values.integer(limit);
    execute(connection, FORGET, values).await.map_err(|error| store_error(&error))
}

macro_rules! columns {
    () => {
        "tenant, service, request_key, key_version, request_digest, answer, created_at"
    };
}

pub(super) const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM idempotency_answers WHERE tenant = ? AND service = ? AND request_key = ?"
);
pub(super) const FORGET: &str = "DELETE FROM idempotency_answers WHERE rowid IN (SELECT rowid FROM \
                                 idempotency_answers WHERE created_at < ? ORDER BY created_at LIMIT ?)";
static INSERT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        concat!("INSERT INTO idempotency_answers (", columns!(), ") VALUES "),
        "(?, ?, ?, ?, ?, ?, ?)",
        "",
    )
});

fn bind(row: &AnswerRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    values.text(row.service.as_str());
    values.text(row.key.as_str());
    values.integer(row.key_version.get());
    values.blob(&row.request_digest);
    values.blob(&row.answer);
    values.time(row.created_at);
}

fn read(columns: &mut Columns<'_>) -> Result<AnswerRow, StoreError> {
    Ok(AnswerRow {
        tenant: columns.parsed(TenantId::parse)?,
        service: columns.parsed(ServiceName::parse)?,
        key: columns.parsed(IdempotencyKey::parse)?,
        key_version: KeyVersion::new(columns.number()?).ok_or(columns.unreadable())?,
        request_digest: columns.array()?,
        answer: columns.blob()?,
        created_at: columns.time()?,
    })
}
