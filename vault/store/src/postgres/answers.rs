use strongroom_core::ports::store::{AnswerRow, StoreError};
use strongroom_domain::{IdempotencyKey, KeyVersion, ServiceName, TenantId, Timestamp};

use super::columns::Columns;
use super::connections::Session;
use super::failure::{Refusal, store_error};
use super::rows::execute;
use super::values::Values;
use crate::changes::AnswerKey;

/// Keeps answers, as a part of a commit's statement.
pub(super) const INSERT: &str = "\
    INSERT INTO idempotency_answers (tenant, service, request_key, key_version, request_digest, answer, created_at) \
    SELECT added.* FROM head, unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::bytea[], ?::bytea[], \
    ?::bigint[]) AS added WHERE head.fits";

/// The values of [`INSERT`], ordered by key as those of tokens are.
pub(super) fn bind(rows: &[&AnswerRow], values: &mut Values) {
    let mut rows = rows.to_vec();
    rows.sort_unstable_by(|left, right| {
        (&left.tenant, left.service.as_str(), left.key.as_str()).cmp(&(
            &right.tenant,
            right.service.as_str(),
            right.key.as_str(),
        ))
    });
    let rows = || rows.iter();
    values.texts(rows().map(|row| row.tenant.as_str()));
    values.texts(rows().map(|row| row.service.as_str()));
    values.texts(rows().map(|row| row.key.as_str()));
    values.integers(rows().map(|row| row.key_version.get()));
    values.blobs(rows().map(|row| &row.request_digest[..]));
    values.blobs(rows().map(|row| row.answer.as_slice()));
    values.times(rows().map(|row| row.created_at));
}

/// Puts an answer in the place of the one that said that the request was under way.
pub(super) async fn complete(session: &mut Session, row: &AnswerRow) -> Result<(), Refusal> {
    let mut values = Values::default();
    values.text(row.tenant.as_str());
    values.text(row.service.as_str());
    values.text(row.key.as_str());
    values.blob(&row.request_digest);
    values.blob(&row.answer);
    match execute(session, COMPLETE, values).await? {
        0 => Err(Refusal::Conflict),
        _ => Ok(()),
    }
}

/// Takes away what said that a request was under way.
pub(super) async fn release(session: &mut Session, answer: AnswerKey<'_>) -> Result<(), Refusal> {
    let mut values = Values::default();
    values.text(answer.tenant.as_str());
    values.text(answer.service.as_str());
    values.text(answer.key.as_str());
    execute(session, RELEASE, values).await?;
    Ok(())
}

/// Forgets the oldest answers.
pub(super) async fn forget(session: &mut Session, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let mut values = Values::default();
    values.time(before);
    values.integer(limit);
    execute(session, FORGET, values).await.map_err(|error| store_error(&error))
}

/// Values: tenants, services, request keys. A row says first which of them it answers.
pub(super) const FIND: &str = "\
    SELECT wanted.place, answers.tenant, answers.service, answers.request_key, answers.key_version, \
    answers.request_digest, answers.answer, answers.created_at \
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (tenant, service, request_key, place) \
    JOIN idempotency_answers AS answers ON answers.tenant = wanted.tenant AND answers.service = wanted.service \
    AND answers.request_key = wanted.request_key";
pub(super) const COMPLETE: &str = "\
    UPDATE idempotency_answers SET answer = $5 \
    WHERE tenant = $1 AND service = $2 AND request_key = $3 AND request_digest = $4";
pub(super) const RELEASE: &str = "\
    DELETE FROM idempotency_answers WHERE tenant = $1 AND service = $2 AND request_key = $3";
pub(super) const FORGET: &str = "\
    DELETE FROM idempotency_answers WHERE ctid = ANY (ARRAY( \
    SELECT ctid FROM idempotency_answers WHERE created_at < $1 ORDER BY created_at LIMIT $2))";

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
