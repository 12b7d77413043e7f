use std::sync::LazyLock;

use strongroom_core::ports::store::{FingerprintKey, FingerprintRow, StoreError};
use strongroom_domain::{KeyVersion, ScopeName, TenantId, Token};

use super::columns::Columns;
use super::rows::ManyRows;
use super::values::Values;
use crate::shard;

/// Keys: the question's number, tenant, scope, key version, fingerprint. A row says first which question it answers.
pub(super) static FIND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH wanted (question, by_tenant, by_scope, by_version, by_fingerprint) AS (VALUES ",
        "(?,?,?,?,?)",
        ") SELECT question, tenant, scope, key_version, fingerprint, deterministic_token, random_token \
         FROM wanted CROSS JOIN fingerprints ON tenant = by_tenant AND scope = by_scope \
         AND key_version = by_version AND fingerprint = by_fingerprint",
    )
});
/// Removes fingerprints.
pub(super) static DELETE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH gone (tenant, scope, key_version, fingerprint, random_token, deterministic_token) AS (VALUES ",
        "(?,?,?,?,?,?)",
        ") DELETE FROM fingerprints \
         WHERE (tenant, scope, key_version, fingerprint, random_token) IN ( \
             SELECT fingerprints.tenant, fingerprints.scope, fingerprints.key_version, fingerprints.fingerprint, \
             fingerprints.random_token FROM gone CROSS JOIN fingerprints USING \
             (tenant, scope, key_version, fingerprint, random_token) \
             WHERE fingerprints.deterministic_token IS gone.deterministic_token)",
    )
});
/// Adds deterministic fingerprints; refused if the value has its token already.
pub(super) static INSERT_DETERMINISTIC: LazyLock<ManyRows> = LazyLock::new(|| insertion(""));
/// Adds others. A row that is there already in every part stays as it is.
pub(super) static INSERT_RANDOM: LazyLock<ManyRows> = LazyLock::new(|| insertion(" ON CONFLICT DO NOTHING"));

fn insertion(on_conflict: &str) -> ManyRows {
    ManyRows::insertion(
        "fingerprints (tenant, scope, key_version, fingerprint, random_token, deterministic_token, shard)",
        "(?,?,?,?,?,?,?)",
        on_conflict,
    )
}

pub(super) fn bind_key(key: &FingerprintKey, values: &mut Values) {
    values.text(key.scope.as_ref().map_or("", ScopeName::as_str));
    values.integer(key.key_version.get());
    values.blob(&key.fingerprint);
}

pub(super) fn bind(row: &FingerprintRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    bind_key(&row.key, values);
    // Of the two the first belongs to the key, so that of deterministic rows there can be one.
    let token = row.token.as_str();
    values.text(if row.deterministic { "" } else { token });
    values.optional_text(row.deterministic.then_some(token));
}

pub(super) fn bind_with_shard(row: &FingerprintRow, values: &mut Values) {
    bind(row, values);
    values.integer(shard::of_fingerprint(&row.key.fingerprint));
}

pub(super) fn read(columns: &mut Columns<'_>) -> Result<FingerprintRow, StoreError> {
    let (tenant, key) = (columns.parsed(TenantId::parse)?, read_key(columns)?);
    let (deterministic, token) = match (columns.optional_parsed(Token::parse)?, columns.text()?) {
        (Some(token), "") => (true, token),
        (None, token) => (false, Token::parse(token).map_err(|_| columns.unreadable())?),
        _ => return Err(columns.unreadable()),
    };
    Ok(FingerprintRow { tenant, key, deterministic, token })
}

fn read_key(columns: &mut Columns<'_>) -> Result<FingerprintKey, StoreError> {
    Ok(FingerprintKey {
        scope: match columns.text()? {
            "" => None,
            name => Some(ScopeName::parse(name).map_err(|_| columns.unreadable())?),
        },
        key_version: KeyVersion::new(columns.number()?).ok_or(columns.unreadable())?,
        fingerprint: columns.array()?,
    })
}
