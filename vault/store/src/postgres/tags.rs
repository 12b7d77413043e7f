use strongroom_core::ports::store::TagRow;

use super::connections::Session;
use super::failure::Refusal;
use super::rows::execute;
use super::values::Values;
use crate::shard;

/// Adds tags, as a part of a commit's statement. A row that is there already stays as it is.
pub(super) const INSERT: &str = "\
    INSERT INTO token_tags (tenant, tag, created_at, token, shard) \
    SELECT added.* FROM head, unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::smallint[]) AS added \
    WHERE head.fits ON CONFLICT DO NOTHING";

/// The values of [`INSERT`], ordered by key as those of tokens are.
pub(super) fn bind(rows: &[&TagRow], values: &mut Values) {
    let mut rows = rows.to_vec();
    rows.sort_unstable_by(|left, right| {
        (&left.tenant, &left.tag, left.created_at, &left.token).cmp(&(
            &right.tenant,
            &right.tag,
            right.created_at,
            &right.token,
        ))
    });
    values.texts(rows.iter().map(|row| row.tenant.as_str()));
    values.texts(rows.iter().map(|row| row.tag.as_str()));
    values.times(rows.iter().map(|row| row.created_at));
    values.texts(rows.iter().map(|row| row.token.as_str()));
    values.shards(rows.iter().map(|row| shard::of_token(&row.token)));
}

/// Removes tags.
pub(super) async fn delete(session: &mut Session, rows: &[&TagRow]) -> Result<(), Refusal> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut values = Values::default();
    bind(rows, &mut values);
    execute(session, DELETE, values).await?;
    Ok(())
}

pub(super) const DELETE: &str = "\
    DELETE FROM token_tags USING unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::smallint[]) \
    AS gone (tenant, tag, created_at, token, shard) \
    WHERE token_tags.shard = gone.shard AND token_tags.tenant = gone.tenant AND token_tags.tag = gone.tag \
    AND token_tags.created_at = gone.created_at AND token_tags.token = gone.token";
