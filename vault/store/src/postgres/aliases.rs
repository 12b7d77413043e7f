use strongroom_core::ports::store::{AliasRow, StoreError};
use strongroom_domain::{Alias, TenantId, Token};

use super::columns::Columns;
use super::connections::Session;
use super::failure::Refusal;
use super::rows::execute;
use super::values::Values;
use crate::shard;

/// Adds aliases, as a part of a commit's statement. One that exists is a conflict.
pub(super) const INSERT: &str = "\
    INSERT INTO token_aliases (tenant, alias, token, shard) \
    SELECT added.* FROM head, unnest(?::text[], ?::text[], ?::text[], ?::smallint[]) AS added WHERE head.fits";

/// The values of [`INSERT`], ordered by key as those of tokens are.
pub(super) fn bind(rows: &[&AliasRow], values: &mut Values) {
    let mut rows = rows.to_vec();
    rows.sort_unstable_by(|left, right| (&left.tenant, &left.alias).cmp(&(&right.tenant, &right.alias)));
    values.texts(rows.iter().map(|row| row.tenant.as_str()));
    values.texts(rows.iter().map(|row| row.alias.as_str()));
    values.texts(rows.iter().map(|row| row.token.as_str()));
    values.shards(rows.iter().map(|row| shard::of_alias(&row.alias)));
}

/// Removes aliases of these tokens.
pub(super) async fn delete(session: &mut Session, rows: &[&AliasRow]) -> Result<(), Refusal> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut values = Values::default();
    bind(rows, &mut values);
    execute(session, DELETE, values).await?;
    Ok(())
}

/// Values: shards, tenants, aliases. A row says first which of them it answers.
pub(super) const FIND: &str = "\
    SELECT wanted.place, token_aliases.tenant, token_aliases.alias, token_aliases.token \
    FROM unnest($1::smallint[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (shard, tenant, alias, place) \
    JOIN token_aliases ON token_aliases.shard = wanted.shard AND token_aliases.tenant = wanted.tenant \
    AND token_aliases.alias = wanted.alias";
pub(super) const DELETE: &str = "\
    DELETE FROM token_aliases USING unnest($1::text[], $2::text[], $3::text[], $4::smallint[]) \
    AS gone (tenant, alias, token, shard) \
    WHERE token_aliases.shard = gone.shard AND token_aliases.tenant = gone.tenant \
    AND token_aliases.alias = gone.alias AND token_aliases.token = gone.token";

pub(super) fn read(columns: &mut Columns<'_>) -> Result<AliasRow, StoreError> {
    Ok(AliasRow {
        tenant: columns.parsed(TenantId::parse)?,
        alias: columns.parsed(Alias::parse)?,
        token: columns.parsed(Token::parse)?,
    })
}
