use std::sync::LazyLock;

use strongroom_core::ports::store::{AliasRow, StoreError};
use strongroom_domain::{Alias, TenantId, Token};

use super::columns::Columns;
use super::rows::ManyRows;
use super::values::Values;
use crate::shard;

/// Keys: the question's number, tenant, alias. A row says first which question it answers.
pub(super) static FIND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH wanted (question, by_tenant, by_alias) AS (VALUES ",
        "(?,?,?)",
        ") SELECT question, tenant, alias, token FROM wanted CROSS JOIN token_aliases \
         ON tenant = by_tenant AND alias = by_alias",
    )
});
/// Adds aliases; refused if one exists.
pub(super) static INSERT: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::insertion("token_aliases (tenant, alias, token, shard)", "(?,?,?,?)", ""));
/// Removes aliases of these tokens.
pub(super) static DELETE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH gone (tenant, alias, token) AS (VALUES ",
        "(?,?,?)",
        ") DELETE FROM token_aliases WHERE (tenant, alias) IN ( \
             SELECT token_aliases.tenant, token_aliases.alias FROM gone CROSS JOIN token_aliases USING (tenant, alias) \
             WHERE token_aliases.token = gone.token)",
    )
});

pub(super) fn bind(row: &AliasRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    values.text(row.alias.as_str());
    values.text(row.token.as_str());
}

pub(super) fn bind_with_shard(row: &AliasRow, values: &mut Values) {
    bind(row, values);
    values.integer(shard::of_alias(&row.alias));
}

pub(super) fn read(columns: &mut Columns<'_>) -> Result<AliasRow, StoreError> {
    Ok(AliasRow {
        tenant: columns.parsed(TenantId::parse)?,
        alias: columns.parsed(Alias::parse)?,
        token: columns.parsed(Token::parse)?,
    })
}
