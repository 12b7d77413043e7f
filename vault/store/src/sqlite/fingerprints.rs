use std::sync::LazyLock;

use sqlx::SqliteConnection;
use strongroom_core::ports::store::{FingerprintKey, FingerprintRow, StoreError};
use strongroom_domain::{KeyVersion, ScopeName, TenantId, Token};

use super::columns::Columns;
use super::failure::Refusal;
use super::rows::{ManyRows, Reading};
use super::values::Values;
use crate::shard;

/// Adds fingerprints; refused if one is deterministic and its value has its token already. A row that is there already
/// in every part stays as it is.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    rows: &[&FingerprintRow],
) -> Result<(), Refusal> {
    // Deterministic rows go without the clause: for them a row that exists is a conflict.
    let (deterministic, random): (Vec<&FingerprintRow>, Vec<&FingerprintRow>) =
        rows.iter().partition(|row| row.deterministic);
    INSERT_DETERMINISTIC.write(connection, &deterministic, bind_with_shard).await?;
    INSERT_RANDOM.write(connection, &random, bind_with_shard).await?;
    Ok(())
}

/// Removes fingerprints.
pub(super) async fn delete(
    connection: &mut SqliteConnection,
    rows: &[&FingerprintRow],
) -> Result<(), Refusal> {
    DELETE.write(connection, rows, bind).await?;
    Ok(())
}

/// All rows with one of these fingerprints.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    keys: &[FingerprintKey],
) -> Result<Vec<FingerprintRow>, StoreError> {
    let mut distinct: Vec<&FingerprintKey> = keys.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    FIND.find(connection, tenant.as_str(), &distinct, bind_key, &FINGERPRINT).await
}

pub(super) static FIND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "SELECT tenant, scope, key_version, fingerprint, deterministic, token FROM fingerprints \
         WHERE tenant = ? AND (scope, key_version, fingerprint) IN (VALUES ",
        "(?, ?, ?)",
        ")",
    )
});
pub(super) static DELETE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "DELETE FROM fingerprints \
         WHERE (tenant, scope, key_version, fingerprint, deterministic, token) IN (VALUES ",
        "(?, ?, ?, ?, ?, ?)",
        ")",
    )
});
static INSERT_DETERMINISTIC: LazyLock<ManyRows> = LazyLock::new(|| insertion(""));
static INSERT_RANDOM: LazyLock<ManyRows> = LazyLock::new(|| insertion(" ON CONFLICT DO NOTHING"));

fn insertion(on_conflict: &str) -> ManyRows {
    ManyRows::new(
        "INSERT INTO fingerprints (tenant, scope, key_version, fingerprint, deterministic, token, shard) VALUES ",
        "(?, ?, ?, ?, ?, ?, ?)",
        on_conflict,
    )
}

const FINGERPRINT: Reading<FingerprintRow> = Reading { table: "fingerprint", read };

fn bind_key(key: &FingerprintKey, values: &mut Values) {
    values.text(key.scope.as_ref().map_or("", ScopeName::as_str));
    values.integer(key.key_version.get());
    values.blob(&key.fingerprint);
}

fn bind(row: &FingerprintRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    bind_key(&row.key, values);
    values.flag(row.deterministic);
    values.text(row.token.as_str());
}

fn bind_with_shard(row: &FingerprintRow, values: &mut Values) {
    bind(row, values);
    values.integer(shard::of_fingerprint(&row.key.fingerprint));
}

fn read(columns: &mut Columns<'_>) -> Result<FingerprintRow, StoreError> {
    Ok(FingerprintRow {
        tenant: columns.parsed(TenantId::parse)?,
        key: FingerprintKey {
            scope: match columns.text()? {
                "" => None,
                name => Some(ScopeName::parse(name).map_err(|_| columns.unreadable())?),
            },
            key_version: KeyVersion::new(columns.number()?).ok_or(columns.unreadable())?,
            fingerprint: columns.array()?,
        },
        deterministic: columns.flag()?,
        token: columns.parsed(Token::parse)?,
    })
}
