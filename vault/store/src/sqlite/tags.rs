use std::sync::LazyLock;

use strongroom_core::ports::store::TagRow;

use super::rows::ManyRows;
use super::values::Values;
use crate::shard;

/// Adds tags. A row that is there already stays as it is.
pub(super) static INSERT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::insertion(
        "token_tags (tenant, tag, created_at, token, shard)",
        "(?,?,?,?,?)",
        " ON CONFLICT DO NOTHING",
    )
});
/// Removes tags.
pub(super) static DELETE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH gone (tenant, tag, created_at, token) AS (VALUES ",
        "(?,?,?,?)",
        ") DELETE FROM token_tags WHERE (tenant, tag, created_at, token) IN ( \
             SELECT token_tags.tenant, token_tags.tag, token_tags.created_at, token_tags.token \
             FROM gone CROSS JOIN token_tags USING (tenant, tag, created_at, token))",
    )
});

pub(super) fn bind(row: &TagRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    values.text(row.tag.as_str());
    values.time(row.created_at);
    values.text(row.token.as_str());
}

pub(super) fn bind_with_shard(row: &TagRow, values: &mut Values) {
    bind(row, values);
    values.integer(shard::of_token(&row.token));
}
