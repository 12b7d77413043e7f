use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use strongroom_core::ports::store::{StoreError, TokenRow};
use strongroom_domain::{ProfileName, ServiceName, TenantId, Token, TokenState};

use super::columns::Columns;
use super::connections::Session;
use super::failure::Refusal;
use super::rows::{Reading, execute, fetch};
use super::values::Values;
use crate::changes::Revision;
use crate::list::{Asked, Bound, Dialect, ListStatement, ListedBy};
use crate::names::{aliases_column, read_aliases, read_tags, tags_column};
use crate::shard;
use crate::shown::ShownColumns;

macro_rules! columns {
    ($prefix:literal) => {
        concat!(
            $prefix,
            "tenant, ",
            $prefix,
            "token, ",
            $prefix,
            "profile, ",
            $prefix,
            "kind, ",
            $prefix,
            "brand, ",
            $prefix,
            "bin, ",
            $prefix,
            "last_four, ",
            $prefix,
            "country, ",
            $prefix,
            "card_expiry_month, ",
            $prefix,
            "card_expiry_year, ",
            $prefix,
            "max_uses, ",
            $prefix,
            "created_by, ",
            $prefix,
            "created_at, ",
            $prefix,
            "aliases, ",
            $prefix,
            "tags, ",
            $prefix,
            "expires_at, ",
            $prefix,
            "state, ",
            $prefix,
            "envelope, ",
            $prefix,
            "metadata_envelope, ",
            $prefix,
            "uses, ",
            $prefix,
            "row_version"
        )
    };
}

/// Adds tokens, as a part of a commit's statement.
pub(super) const INSERT: &str = concat!(
    "INSERT INTO tokens (",
    columns!(""),
    ", shard) SELECT added.* FROM head, unnest(?::text[], ?::text[], ?::text[], \
     ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::smallint[], ?::smallint[], ?::bigint[], ?::text[], \
     ?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::bytea[], ?::bytea[], ?::bigint[], ?::bigint[], ?::smallint[]) AS added WHERE head.fits"
);

/// The values of [`INSERT`], ordered by key: commits that meet wait for each other, and never in a circle.
pub(super) fn bind(rows: &[&TokenRow], values: &mut Values) {
    let mut rows = rows.to_vec();
    rows.sort_unstable_by(|left, right| (&left.tenant, &left.token).cmp(&(&right.tenant, &right.token)));
    let rows = || rows.iter();
    values.texts(rows().map(|row| row.tenant.as_str()));
    values.texts(rows().map(|row| row.token.as_str()));
    values.texts(rows().map(|row| row.profile.as_str()));
    let shown: Vec<ShownColumns> = rows().map(|row| ShownColumns::of(&row.shown)).collect();
    values.texts(shown.iter().map(|shown| shown.kind.as_str()));
    values.optional_texts(shown.iter().map(|shown| shown.brand.as_deref()));
    values.optional_texts(shown.iter().map(|shown| shown.bin.as_deref()));
    values.optional_texts(shown.iter().map(|shown| shown.last_four.as_deref()));
    values.optional_texts(shown.iter().map(|shown| shown.country.as_deref()));
    values.optional_small(shown.iter().map(|shown| shown.card_expiry_month.map(u16::from)));
    values.optional_small(shown.iter().map(|shown| shown.card_expiry_year));
    values.optional_integers(rows().map(|row| row.max_uses.map(|uses| i64::from(uses.get()))));
    values.texts(rows().map(|row| row.created_by.as_str()));
    values.times(rows().map(|row| row.created_at));
    let aliases: Vec<Option<String>> = rows().map(|row| aliases_column(&row.aliases)).collect();
    values.optional_texts(aliases.iter().map(Option::as_deref));
    let tags: Vec<Option<String>> = rows().map(|row| tags_column(&row.tags)).collect();
    values.optional_texts(tags.iter().map(Option::as_deref));
    values.optional_times(rows().map(|row| row.expires_at));
    values.texts(rows().map(|row| row.state.as_str()));
    values.optional_blobs(rows().map(|row| row.envelope.as_deref()));
    values.optional_blobs(rows().map(|row| row.metadata_envelope.as_deref()));
    values.integers(rows().map(|row| row.uses));
    values.integers(rows().map(|row| row.row_version));
    values.shards(rows().map(|row| shard::of_token(&row.token)));
}

/// Writes anew what may change of tokens; refused if one of them is not as expected.
pub(super) async fn revise(session: &mut Session, revisions: &[Revision<'_>]) -> Result<(), Refusal> {
    if revisions.is_empty() {
        return Ok(());
    }
    let mut sorted = revisions.to_vec();
    sorted.sort_unstable_by(|left, right| {
        (&left.row.tenant, &left.row.token).cmp(&(&right.row.tenant, &right.row.token))
    });
    let revisions = || sorted.iter();
    let mut values = Values::default();
    values.shards(revisions().map(|revision| shard::of_token(&revision.row.token)));
    values.texts(revisions().map(|revision| revision.row.tenant.as_str()));
    values.texts(revisions().map(|revision| revision.row.token.as_str()));
    values.integers(revisions().map(Revision::expected_row_version));
    values.texts(revisions().map(|revision| revision.row.state.as_str()));
    values.optional_times(revisions().map(Revision::ended_at));
    values.optional_blobs(revisions().map(Revision::envelope));
    values.optional_blobs(revisions().map(Revision::metadata_envelope));
    values.optional_times(revisions().map(|revision| revision.row.expires_at));
    values.integers(revisions().map(|revision| revision.row.uses));
    let aliases: Vec<Option<String>> =
        revisions().map(|revision| aliases_column(&revision.row.aliases)).collect();
    values.optional_texts(aliases.iter().map(Option::as_deref));
    let tags: Vec<Option<String>> = revisions().map(|revision| tags_column(&revision.row.tags)).collect();
    values.optional_texts(tags.iter().map(Option::as_deref));
    let revised = execute(session, REVISE, values).await?;
    if revised == sorted.len() as u64 { Ok(()) } else { Err(Refusal::Conflict) }
}

/// The tenant's tokens that match, after the cursor.
pub(super) async fn list(session: &mut Session, asked: &Asked<'_>) -> Result<Vec<TokenRow>, StoreError> {
    let by = ListedBy::of(asked.filter);
    let Some((statement, text)) = by.pick(&LISTS).zip(TEXTS.get(by as usize)) else { return Ok(Vec::new()) };
    let mut values = Values::default();
    for field in &statement.fields {
        match field.of(asked) {
            Bound::Text(text) => values.optional_text(text),
            Bound::Owned(text) => values.optional_text(text.as_deref()),
            Bound::Integer(number) => values.integer(number),
        }
    }
    fetch(session, text.clone(), values, &Reading { table: "token", read }).await
}

/// Values: shards, tenants, tokens. A row says first which of them it answers.
pub(super) const FIND: &str = concat!(
    "SELECT wanted.place, ",
    columns!("tokens."),
    " FROM unnest($1::smallint[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (shard, tenant, token, place) \
     JOIN tokens ON tokens.shard = wanted.shard AND tokens.tenant = wanted.tenant AND tokens.token = wanted.token"
);
/// The same, for who wants to know whether they exist.
pub(super) const TAKEN: &str = "\
    SELECT wanted.place, tokens.token \
    FROM unnest($1::smallint[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (shard, tenant, token, place) \
    JOIN tokens ON tokens.shard = wanted.shard AND tokens.tenant = wanted.tenant AND tokens.token = wanted.token";
/// The statements of all lists.
pub(super) static LISTS: LazyLock<Vec<ListStatement>> =
    LazyLock::new(|| ListedBy::statements(columns!("tokens."), Dialect::Postgres));
static TEXTS: LazyLock<Vec<SqlStr>> = LazyLock::new(|| {
    let text = |list: &ListStatement| AssertSqlSafe(Arc::<str>::from(list.text.as_str())).into_sql_str();
    LISTS.iter().map(text).collect()
});
pub(super) const REVISE: &str = "\
    UPDATE tokens SET state = revised.state, ended_at = revised.ended_at, envelope = revised.envelope, \
    metadata_envelope = revised.metadata_envelope, expires_at = revised.expires_at, uses = revised.uses, \
    aliases = revised.aliases, tags = revised.tags, row_version = tokens.row_version + 1 \
    FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bytea[], \
    $8::bytea[], $9::bigint[], $10::bigint[], $11::text[], $12::text[]) \
    AS revised (shard, tenant, token, expected, state, ended_at, envelope, metadata_envelope, expires_at, uses, \
    aliases, tags) \
    WHERE tokens.shard = revised.shard AND tokens.tenant = revised.tenant AND tokens.token = revised.token \
    AND tokens.row_version = revised.expected AND tokens.state = 'active'";

pub(super) fn read(columns: &mut Columns<'_>) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        tenant: columns.parsed(TenantId::parse)?,
        token: columns.parsed(Token::parse)?,
        profile: columns.parsed(ProfileName::parse)?,
        shown: ShownColumns {
            kind: columns.string()?,
            brand: columns.optional_string()?,
            bin: columns.optional_string()?,
            last_four: columns.optional_string()?,
            country: columns.optional_string()?,
            card_expiry_month: columns.optional_small()?,
            card_expiry_year: columns.optional_small()?,
        }
        .read()
        .ok_or(columns.unreadable())?,
        max_uses: match columns.optional_number()? {
            Some(uses) => Some(NonZeroU32::new(uses).ok_or(columns.unreadable())?),
            None => None,
        },
        created_by: columns.parsed(ServiceName::parse)?,
        created_at: columns.time()?,
        aliases: read_aliases(columns.optional_string()?.as_deref()).ok_or(columns.unreadable())?,
        tags: read_tags(columns.optional_string()?.as_deref()).ok_or(columns.unreadable())?,
        expires_at: columns.optional_time()?,
        state: columns.known(TokenState::parse)?,
        envelope: columns.optional_blob()?,
        metadata_envelope: columns.optional_blob()?,
        uses: columns.number()?,
        row_version: columns.number()?,
    })
}
