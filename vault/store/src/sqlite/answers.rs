use std::sync::LazyLock;

use sqlx::SqliteConnection;
use strongroom_core::ports::store::{AnswerRow, StoreError};
use strongroom_domain::{IdempotencyKey, KeyVersion, ServiceName, TenantId, Timestamp};

use super::columns::Columns;
use super::failure::{Refusal, store_error};
use super::rows::{ManyRows, execute};
use super::values::Values;
use crate::changes::AnswerKey;

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

/// Puts an answer in the place of the one that said that the request was under way.
pub(super) async fn complete(connection: &mut SqliteConnection, row: &AnswerRow) -> Result<(), Refusal> {
    let mut values = Values::default();
    values.blob(&row.answer);
    values.text(row.tenant.as_str());
    values.text(row.service.as_str());
    values.text(row.key.as_str());
    values.blob(&row.request_digest);
    match execute(connection, COMPLETE, values).await? {
        0 => Err(Refusal::Conflict),
        _ => Ok(()),
    }
}

/// Takes away what said that a request was under way.
pub(super) async fn release(connection: &mut SqliteConnection, answer: AnswerKey<'_>) -> Result<(), Refusal> {
    let mut values = Values::default();
    values.text(answer.tenant.as_str());
    values.text(answer.service.as_str());
    values.text(answer.key.as_str());
    execute(connection, RELEASE, values).await?;
    Ok(())
}

macro_rules! columns {
    () => {
        "tenant, service, request_key, key_version, request_digest, answer, created_at"
    };
}

/// Keys: the question's number, tenant, service, request key. A row says first which question it answers.
pub(super) static FIND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH wanted (question, by_tenant, by_service, by_key) AS (VALUES ",
        "(?,?,?,?)",
        concat!(
            ") SELECT question, ",
            columns!(),
            " FROM wanted CROSS JOIN idempotency_answers \
              ON tenant = by_tenant AND service = by_service AND request_key = by_key"
        ),
    )
});
pub(super) const COMPLETE: &str = "UPDATE idempotency_answers SET answer = ? \
    WHERE tenant = ? AND service = ? AND request_key = ? AND request_digest = ?";
pub(super) const RELEASE: &str =
    "DELETE FROM idempotency_answers WHERE tenant = ? AND service = ? AND request_key = ?";
pub(super) const FORGET: &str = "DELETE FROM idempotency_answers WHERE rowid IN (SELECT rowid FROM \
                                 idempotency_answers WHERE created_at < ? ORDER BY created_at LIMIT ?)";
/// Keeps answers; refused if a caller has one under the key.
pub(super) static INSERT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::insertion(concat!("idempotency_answers (", columns!(), ")"), "(?,?,?,?,?,?,?)", "")
});

pub(super) fn bind(row: &AnswerRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    values.text(row.service.as_str());
    values.text(row.key.as_str());
    values.integer(row.key_version.get());
    values.blob(&row.request_digest);
    values.blob(&row.answer);
    values.time(row.created_at);
}

pub(super) fn read(columns: &mut Columns<'_>) -> Result<AnswerRow, StoreError> {
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
