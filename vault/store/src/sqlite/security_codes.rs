use std::sync::LazyLock;

use sqlx::SqliteConnection;
use strongroom_core::ports::store::{SecurityCodeKeyRow, SecurityCodeRow, StoreError};
use strongroom_core::ports::{HsmKey, HsmKeyKind, KeyCheckValue};
use strongroom_domain::{KeyId, TenantId, Timestamp, Token};

use super::columns::Columns;
use super::failure::Refusal;
use super::rows::{ManyRows, Reading, execute, fetch, fetch_one};
use super::values::Values;
use crate::changes::{GoneSecurityCode, SecurityCodeChanges};

/// Writes changes within a transaction.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    changes: &SecurityCodeChanges<'_>,
) -> Result<(), Refusal> {
    DELETE.write(connection, &changes.gone, bind_gone).await?;
    for (period, at) in &changes.closed_keys {
        for (sql, closing) in [(CLOSE_KEY, true), (EMPTY_KEY, false)] {
            let mut values = Values::default();
            if closing {
                values.time(*at);
            }
            values.integer(*period);
            execute(connection, sql, values).await?;
        }
    }
    for period in &changes.gone_keys {
        let mut values = Values::default();
        values.integer(*period);
        execute(connection, DELETE_KEY, values).await?;
    }
    for row in &changes.keys {
        execute(connection, INSERT_KEY, key_values(row)).await?;
    }
    if PUT.write(connection, &changes.codes, bind).await? == changes.codes.len() as u64 {
        Ok(())
    } else {
        Err(Refusal::Conflict)
    }
}

/// A token's code.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    token: &Token,
) -> Result<Option<SecurityCodeRow>, StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.text(token.as_str());
    fetch_one(connection, FIND, values, &Reading { table: "security code", read }).await
}

/// All keys.
pub(super) async fn keys(connection: &mut SqliteConnection) -> Result<Vec<SecurityCodeKeyRow>, StoreError> {
    let reading = Reading { table: "security code key", read: read_key };
    fetch(connection, KEYS, Values::default(), &reading).await
}

/// Whether a code under this key is of use.
pub(super) async fn live(
    connection: &mut SqliteConnection,
    period: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut values = Values::default();
    values.integer(period);
    values.time(now);
    let reading = Reading { table: "security code", read: |columns| columns.flag() };
    Ok(fetch_one(connection, LIVE, values, &reading).await?.unwrap_or(false))
}

/// Whose codes are over.
pub(super) async fn expired(
    connection: &mut SqliteConnection,
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
    fetch(connection, EXPIRED, values, &reading).await
}

static DELETE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "DELETE FROM security_codes WHERE rowid IN (SELECT security_codes.rowid FROM (VALUES ",
        "(?,?,?)",
        ") AS gone JOIN security_codes ON tenant = gone.column1 AND token = gone.column2 \
         AND expires_at <= gone.column3)",
    )
});
const CLOSE_KEY: &str =
    "UPDATE security_code_keys SET shredding_at = ? WHERE period = ? AND shredding_at IS NULL";
const EMPTY_KEY: &str = "DELETE FROM security_codes WHERE period = ?";
const DELETE_KEY: &str = "DELETE FROM security_code_keys WHERE period = ?";
const INSERT_KEY: &str = "INSERT INTO security_code_keys (period, key_id, cka_id, label, check_value, wrapped, \
                          created_at, shredding_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
/// Refused by leaving a row out, if the key of its period is closed or not there.
static PUT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::insertion(
        "security_codes (tenant, token, period, envelope, created_at, expires_at)",
        "(?,?,?,?,?,?)",
        " AND EXISTS (SELECT 1 FROM security_code_keys WHERE security_code_keys.period = column3 \
         AND shredding_at IS NULL) ON CONFLICT (tenant, token) DO UPDATE SET period = excluded.period, \
         envelope = excluded.envelope, created_at = excluded.created_at, expires_at = excluded.expires_at",
    )
});
const FIND: &str = "SELECT tenant, token, period, envelope, created_at, expires_at FROM security_codes \
                    WHERE tenant = ? AND token = ?";
const KEYS: &str = "SELECT period, key_id, cka_id, label, check_value, wrapped, created_at, shredding_at \
                    FROM security_code_keys ORDER BY period";
const LIVE: &str = "SELECT EXISTS (SELECT 1 FROM security_codes WHERE period = ? AND expires_at > ?)";
const EXPIRED: &str =
    "SELECT tenant, token FROM security_codes WHERE expires_at <= ? ORDER BY expires_at LIMIT ?";

fn bind_gone(gone: GoneSecurityCode<'_>, values: &mut Values) {
    values.text(gone.tenant.as_str());
    values.text(gone.token.as_str());
    values.time(gone.expired_by);
}

fn bind(row: &SecurityCodeRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    values.text(row.token.as_str());
    values.integer(row.period);
    values.blob(&row.envelope);
    values.time(row.created_at);
    values.time(row.expires_at);
}

fn key_values(row: &SecurityCodeKeyRow) -> Values {
    let mut values = Values::default();
    values.integer(row.period);
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
