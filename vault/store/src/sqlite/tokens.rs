use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr, SqliteConnection};
use strongroom_core::ports::store::{StoreError, TokenRow};
use strongroom_domain::{ProfileName, ServiceName, TenantId, Token, TokenState};

use super::columns::Columns;
use super::rows::{ManyRows, Reading, fetch};
use super::values::Values;
use crate::changes::Revision;
use crate::list::{Asked, Bound, Dialect, ListStatement, ListedBy};
use crate::names::{aliases_column, read_aliases, read_tags, tags_column};
use crate::shard;
use crate::shown::ShownColumns;

/// The tenant's tokens that match, after the cursor.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    asked: &Asked<'_>,
) -> Result<Vec<TokenRow>, StoreError> {
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
    fetch(connection, text.clone(), values, &TOKEN).await
}

macro_rules! columns {
    () => {
        "tenant, token, profile, kind, brand, bin, last_four, country, card_expiry_month, card_expiry_year, max_uses, \
         created_by, created_at, aliases, tags, expires_at, state, envelope, metadata_envelope, uses, row_version"
    };
}

/// The statements of all lists.
pub(super) static LISTS: LazyLock<Vec<ListStatement>> = LazyLock::new(|| {
    let columns: Vec<String> = columns!().split(", ").map(|column| format!("tokens.{column}")).collect();
    ListedBy::statements(&columns.join(", "), Dialect::Sqlite)
});
static TEXTS: LazyLock<Vec<SqlStr>> = LazyLock::new(|| {
    let text = |list: &ListStatement| AssertSqlSafe(Arc::<str>::from(list.text.as_str())).into_sql_str();
    LISTS.iter().map(text).collect()
});
/// Keys: the question's number, tenant, token. A row says first which question it answers.
pub(super) static FIND: LazyLock<ManyRows> = LazyLock::new(|| wanted(columns!()));
/// The same, for who wants to know whether they exist.
pub(super) static TAKEN: LazyLock<ManyRows> = LazyLock::new(|| wanted("token"));

fn wanted(columns: &str) -> ManyRows {
    ManyRows::new(
        "WITH wanted (question, by_tenant, by_token) AS (VALUES ",
        "(?,?,?)",
        &format!(
            ") SELECT question, {columns} FROM wanted CROSS JOIN tokens ON tenant = by_tenant AND token = by_token"
        ),
    )
}

/// Adds tokens; refused if one exists.
pub(super) static INSERT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::insertion(
        concat!("tokens (", columns!(), ", shard)"),
        "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "",
    )
});
/// Writes anew what may change of tokens. One that is not as expected is passed over.
pub(super) static REVISE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH revised (tenant, token, expected, state, ended_at, envelope, metadata_envelope, expires_at, uses, \
         aliases, tags) AS (VALUES ",
        "(?,?,?,?,?,?,?,?,?,?,?)",
        ") UPDATE tokens SET state = revised.state, ended_at = revised.ended_at, envelope = revised.envelope, \
         metadata_envelope = revised.metadata_envelope, expires_at = revised.expires_at, uses = revised.uses, \
         aliases = revised.aliases, tags = revised.tags, \
         row_version = tokens.row_version + 1 FROM revised \
         WHERE tokens.tenant = revised.tenant AND tokens.token = revised.token \
         AND tokens.row_version = revised.expected AND tokens.state = 'active'",
    )
});

const TOKEN: Reading<TokenRow> = Reading { table: "token", read };

pub(super) fn bind_revision(revision: Revision<'_>, values: &mut Values) {
    values.text(revision.row.tenant.as_str());
    values.text(revision.row.token.as_str());
    values.integer(revision.expected_row_version());
    values.text(revision.row.state.as_str());
    values.optional_time(revision.ended_at());
    values.optional_blob(revision.envelope());
    values.optional_blob(revision.metadata_envelope());
    values.optional_time(revision.row.expires_at);
    values.integer(revision.row.uses);
    values.optional_text(aliases_column(&revision.row.aliases).as_deref());
    values.optional_text(tags_column(&revision.row.tags).as_deref());
}

pub(super) fn bind(row: &TokenRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    values.text(row.token.as_str());
    values.text(row.profile.as_str());
    let shown = ShownColumns::of(&row.shown);
    values.text(&shown.kind);
    values.optional_text(shown.brand.as_deref());
    values.optional_text(shown.bin.as_deref());
    values.optional_text(shown.last_four.as_deref());
    values.optional_text(shown.country.as_deref());
    values.optional_integer(shown.card_expiry_month.map(i64::from));
    values.optional_integer(shown.card_expiry_year.map(i64::from));
    values.optional_integer(row.max_uses.map(|uses| i64::from(uses.get())));
    values.text(row.created_by.as_str());
    values.time(row.created_at);
    values.optional_text(aliases_column(&row.aliases).as_deref());
    values.optional_text(tags_column(&row.tags).as_deref());
    values.optional_time(row.expires_at);
    values.text(row.state.as_str());
    values.optional_blob(row.envelope.as_deref());
    values.optional_blob(row.metadata_envelope.as_deref());
    values.integer(row.uses);
    values.integer(row.row_version);
    values.integer(shard::of_token(&row.token));
}

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
            card_expiry_month: columns.optional_number()?,
            card_expiry_year: columns.optional_number()?,
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
