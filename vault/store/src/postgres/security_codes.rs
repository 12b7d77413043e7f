use strongroom_core::ports::store::{SecurityCodeKeyRow, SecurityCodeRow, StoreError};
use strongroom_core::ports::{HsmKey, HsmKeyKind, KeyCheckValue};
use strongroom_domain::{KeyId, TenantId, Timestamp, Token};

use super::columns::Columns;
use super::connections::Session;
use super::failure::Refusal;
use super::rows::{Reading, execute, fetch, fetch_one};
use super::values::Values;
use crate::changes::{GoneSecurityCode, SecurityCodeChanges};

/// Writes changes within a transaction.
pub(super) async fn write(session: &mut Session, changes: &SecurityCodeChanges<'_>) -> Result<(), Refusal> {
    delete(session, &changes.gone).await?;
    for (period, at) in &changes.closed_keys {
        let mut values = Values::default();
        values.integer(*period);
        values.time(*at);
        execute(session, CLOSE_KEY, values).await?;
        execute(session, EMPTY_KEY, of_period(*period)).await?;
    }
    for period in &changes.gone_keys {
        execute(session, DELETE_KEY, of_period(*period)).await?;
    }
    for row in &changes.keys {
        execute(session, INSERT_KEY, key_values(row)).await?;
    }
    put(session, &changes.codes).await
}

/// A token's code.
pub(super) async fn find(
    session: &mut Session,
    tenant: &TenantId,
    token: &Token,
) -> Result<Option<SecurityCodeRow>, StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.text(token.as_str());
    fetch_one(session, FIND, values, &Reading { table: "security code", read }).await
}

/// All keys.
pub(super) async fn keys(session: &mut Session) -> Result<Vec<SecurityCodeKeyRow>, StoreError> {
    let reading = Reading { table: "security code key", read: read_key };
    fetch(session, KEYS, Values::default(), &reading).await
}

/// Whether a code under this key is of use.
pub(super) async fn live(session: &mut Session, period: u32, now: Timestamp) -> Result<bool, StoreError> {
    let mut values = of_period(period);
    values.time(now);
    let reading = Reading { table: "security code", read: |columns| columns.flag() };
    Ok(fetch_one(session, LIVE, values, &reading).await?.unwrap_or(false))
}

/// Whose codes are over.
pub(super) async fn expired(
    session: &mut Session,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(TenantId, Token)>, StoreError> {
    let mut values = Values::default();
    values.time(now);
    values.integer(limit);
    let reading = Reading {
        table: "security code",
        read: |columns| Ok((columns.parsed(TenantId::parse)?, columns.parsed(Token::parse)?)),
    };
    fetch(session, EXPIRED, values, &reading).await
}

async fn delete(session: &mut Session, gone: &[GoneSecurityCode<'_>]) -> Result<(), Refusal> {
    if gone.is_empty() {
        return Ok(());
    }
    let mut gone = gone.to_vec();
    gone.sort_unstable_by_key(|gone| (gone.tenant, gone.token));
    let mut values = Values::default();
    values.texts(gone.iter().map(|gone| gone.tenant.as_str()));
    values.texts(gone.iter().map(|gone| gone.token.as_str()));
    values.times(gone.iter().map(|gone| gone.expired_by));
    execute(session, DELETE, values).await?;
    Ok(())
}

/// In the order of their keys, so that two transactions wait for each other in one direction only.
async fn put(session: &mut Session, rows: &[&SecurityCodeRow]) -> Result<(), Refusal> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut rows = rows.to_vec();
    rows.sort_unstable_by_key(|row| (&row.tenant, &row.token));
    let mut values = Values::default();
    values.texts(rows.iter().map(|row| row.tenant.as_str()));
    values.texts(rows.iter().map(|row| row.token.as_str()));
    values.integers(rows.iter().map(|row| row.period));
    values.blobs(rows.iter().map(|row| row.envelope.as_slice()));
    values.times(rows.iter().map(|row| row.created_at));
    values.times(rows.iter().map(|row| row.expires_at));
    if execute(session, PUT, values).await? == rows.len() as u64 { Ok(()) } else { Err(Refusal::Conflict) }
}

const DELETE: &str = "\
    DELETE FROM security_codes USING unnest($1::text[], $2::text[], $3::bigint[]) AS gone (tenant, token, expired_by) \
    WHERE security_codes.tenant = gone.tenant AND security_codes.token = gone.token \
    AND security_codes.expires_at <= gone.expired_by";
/// Waits for those who put codes under the key, and makes those who come later find it closed.
const CLOSE_KEY: &str =
    "UPDATE security_code_keys SET shredding_at = $2 WHERE period = $1 AND shredding_at IS NULL";
const EMPTY_KEY: &str = "DELETE FROM security_codes WHERE period = $1";
const DELETE_KEY: &str = "DELETE FROM security_code_keys WHERE period = $1";
const INSERT_KEY: &str = "\
    INSERT INTO security_code_keys (period, key_id, cka_id, label, check_value, wrapped, created_at, shredding_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
/// Leaves a row out if the key of its period is closed or not there.
const PUT: &str = "\
    INSERT INTO security_codes (tenant, token, period, envelope, created_at, expires_at) \
    SELECT added.* FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[]) \
    AS added (tenant, token, period, envelope, created_at, expires_at) \
    WHERE EXISTS (SELECT FROM security_code_keys WHERE security_code_keys.period = added.period \
    AND shredding_at IS NULL FOR SHARE) \
    ON CONFLICT (tenant, token) DO UPDATE SET period = excluded.period, envelope = excluded.envelope, \
    created_at = excluded.created_at, expires_at = excluded.expires_at";
const FIND: &str = "\
    SELECT tenant, token, period, envelope, created_at, expires_at FROM security_codes WHERE tenant = $1 AND token = $2";
const KEYS: &str = "\
    SELECT period, key_id, cka_id, label, check_value, wrapped, created_at, shredding_at FROM security_code_keys \
    ORDER BY period";
const LIVE: &str = "SELECT EXISTS (SELECT FROM security_codes WHERE period = $1 AND expires_at > $2)";
const EXPIRED: &str =
    "SELECT tenant, token FROM security_codes WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";

fn of_period(period: u32) -> Values {
    let mut values = Values::default();
    values.integer(period);
    values
}

fn key_values(row: &SecurityCodeKeyRow) -> Values {
    let mut values = of_period(row.period);
    values.blob(row.key_id.as_bytes());
    values.blob(&row.hsm_key.id);
    values.text(&row.hsm_key.label);
    values.blob(&row.hsm_key.check_value.0);
    values.blob(&row.wrapped);
    values.time(row.created_at);
    values.optional_time(row.shredding_at);
    values
}

fn read(columns: &mut Columns<'_>) -> Result<SecurityCodeRow, StoreError> {
    Ok(SecurityCodeRow {
        tenant: columns.parsed(TenantId::parse)?,
        token: columns.parsed(Token::parse)?,
        period: columns.number()?,
        envelope: columns.blob()?,
        created_at: columns.time()?,
        expires_at: columns.time()?,
    })
}

fn read_key(columns: &mut Columns<'_>) -> Result<SecurityCodeKeyRow, StoreError> {
    Ok(SecurityCodeKeyRow {
        period: columns.number()?,
        key_id: KeyId::from_bytes(columns.array()?),
        hsm_key: HsmKey {
            kind: HsmKeyKind::SecurityCode,
            id: columns.array()?,
            label: columns.string()?,
            check_value: KeyCheckValue(columns.blob()?),
        },
        wrapped: columns.blob()?,
        created_at: columns.time()?,
        shredding_at: columns.optional_time()?,
    })
}
