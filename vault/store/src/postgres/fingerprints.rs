use strongroom_core::ports::store::{FingerprintKey, FingerprintRow, StoreError};
use strongroom_domain::{KeyVersion, ScopeName, TenantId, Token};

use super::columns::Columns;
use super::connections::Session;
use super::failure::Refusal;
use super::rows::execute;
use super::values::Values;
use crate::shard;

/// Adds fingerprints, as a part of a commit's statement.
macro_rules! insertion {
    ($on_conflict:literal) => {
        concat!(
            "INSERT INTO fingerprints (tenant, scope, key_version, fingerprint, deterministic, token, shard) \
             SELECT added.* FROM head, unnest(?::text[], ?::text[], ?::bigint[], ?::bytea[], ?::boolean[], ?::text[], \
             ?::smallint[]) AS added WHERE head.fits",
            $on_conflict
        )
    };
}

/// Adds deterministic fingerprints. One that exists is a conflict, also if it leads to the same token.
pub(super) const INSERT_DETERMINISTIC: &str = insertion!("");
/// Adds other fingerprints. A row that is there already stays as it is.
pub(super) const INSERT_RANDOM: &str = insertion!(" ON CONFLICT DO NOTHING");

/// The values of both, ordered by key as those of tokens are.
pub(super) fn bind(rows: &[&FingerprintRow], values: &mut Values) {
    let rows = sorted(rows);
    bind_rows(&rows, values);
    values.shards(rows.iter().map(|row| shard::of_fingerprint(&row.key.fingerprint)));
}

/// Removes fingerprints.
pub(super) async fn delete(session: &mut Session, rows: &[&FingerprintRow]) -> Result<(), Refusal> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut values = Values::default();
    bind(rows, &mut values);
    execute(session, DELETE, values).await?;
    Ok(())
}

/// What stands for "the whole tenant" in the table.
pub(super) fn scope(key: &FingerprintKey) -> &str {
    key.scope.as_ref().map_or("", ScopeName::as_str)
}

fn sorted<'a>(rows: &[&'a FingerprintRow]) -> Vec<&'a FingerprintRow> {
    let mut rows = rows.to_vec();
    rows.sort_unstable_by(|left, right| {
        (&left.tenant, &left.key, &left.token).cmp(&(&right.tenant, &right.key, &right.token))
    });
    rows
}

fn bind_rows(rows: &[&FingerprintRow], values: &mut Values) {
    let rows = || rows.iter();
    values.texts(rows().map(|row| row.tenant.as_str()));
    values.texts(rows().map(|row| scope(&row.key)));
    values.integers(rows().map(|row| row.key.key_version.get()));
    values.blobs(rows().map(|row| &row.key.fingerprint[..]));
    values.flags(rows().map(|row| row.deterministic));
    values.texts(rows().map(|row| row.token.as_str()));
}

/// Values: shards, tenants, scopes, key versions, fingerprints. A row says first which of them it answers.
pub(super) const FIND: &str = "\
    SELECT wanted.place, fingerprints.tenant, fingerprints.scope, fingerprints.key_version, fingerprints.fingerprint, \
    fingerprints.deterministic, fingerprints.token \
    FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::bytea[]) WITH ORDINALITY \
    AS wanted (shard, tenant, scope, key_version, fingerprint, place) \
    JOIN fingerprints ON fingerprints.shard = wanted.shard AND fingerprints.tenant = wanted.tenant \
    AND fingerprints.scope = wanted.scope AND fingerprints.key_version = wanted.key_version \
    AND fingerprints.fingerprint = wanted.fingerprint";
pub(super) const DELETE: &str = "\
    DELETE FROM fingerprints \
    USING unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::boolean[], $6::text[], $7::smallint[]) \
    AS gone (tenant, scope, key_version, fingerprint, deterministic, token, shard) \
    WHERE fingerprints.shard = gone.shard AND fingerprints.tenant = gone.tenant AND fingerprints.scope = gone.scope \
    AND fingerprints.key_version = gone.key_version AND fingerprints.fingerprint = gone.fingerprint \
    AND fingerprints.rival = CASE WHEN gone.deterministic THEN '' ELSE gone.token END \
    AND fingerprints.token = gone.token";

pub(super) fn read(columns: &mut Columns<'_>) -> Result<FingerprintRow, StoreError> {
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
