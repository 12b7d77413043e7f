use std::sync::LazyLock;

use sqlx::SqliteConnection;
use strongroom_core::ports::store::{StoreError, TokenCursor, TokenRow};
use strongroom_domain::{
    Bin, Brand, Expiry, LastFour, ProfileName, ServiceName, TenantId, Token, TokenState,
};

use super::columns::Columns;
use super::rows::{ManyRows, Reading, fetch};
use super::values::Values;
use crate::changes::Ending;
use crate::shard;

/// The tenant's tokens after the cursor.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    after: Option<&TokenCursor>,
    limit: u32,
) -> Result<Vec<TokenRow>, StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    // No token is empty, so this is before all of them.
    values.integer(after.map_or(i64::MIN, |cursor| cursor.created_at.unix_millis()));
    values.text(after.map_or("", |cursor| cursor.token.as_str()));
    values.integer(limit);
    fetch(connection, LIST, values, &TOKEN).await
}

macro_rules! columns {
    () => {
        "tenant, token, profile, bin, last_four, brand, card_expiry_month, card_expiry_year, single_use, created_by, \
         created_at, expires_at, state, envelope, metadata_envelope, row_version"
    };
}

pub(super) const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM tokens WHERE tenant = ? AND state <> 'deleted' AND (created_at, token) > (?, ?) \
     ORDER BY created_at, token LIMIT ?"
);
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
        "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "",
    )
});
/// Ends tokens and erases their values. One that is not as expected is passed over.
pub(super) static END: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH ending (tenant, token, row_version, state, ended_at) AS (VALUES ",
        "(?,?,?,?,?)",
        ") UPDATE tokens SET state = ending.state, ended_at = ending.ended_at, envelope = NULL, \
         metadata_envelope = NULL, row_version = tokens.row_version + 1 FROM ending \
         WHERE tokens.tenant = ending.tenant AND tokens.token = ending.token \
         AND tokens.row_version = ending.row_version AND tokens.state = 'active'",
    )
});

const TOKEN: Reading<TokenRow> = Reading { table: "token", read };

pub(super) fn bind_ending(ending: Ending<'_>, values: &mut Values) {
    values.text(ending.tenant.as_str());
    values.text(ending.token.as_str());
    values.integer(ending.expected_row_version);
    values.text(ending.state.as_str());
    values.time(ending.at);
}

pub(super) fn bind(row: &TokenRow, values: &mut Values) {
    values.text(row.tenant.as_str());
    values.text(row.token.as_str());
    values.text(row.profile.as_str());
    values.digits(row.bin.as_bytes());
    values.digits(row.last_four.as_bytes());
    values.text(row.brand.as_str());
    values.optional_integer(row.card_expiry.map(|expiry| i64::from(expiry.month())));
    values.optional_integer(row.card_expiry.map(|expiry| i64::from(expiry.year())));
    values.flag(row.single_use);
    values.text(row.created_by.as_str());
    values.time(row.created_at);
    values.optional_time(row.expires_at);
    values.text(row.state.as_str());
    values.optional_blob(row.envelope.as_deref());
    values.optional_blob(row.metadata_envelope.as_deref());
    values.integer(row.row_version);
    values.integer(shard::of_token(&row.token));
}

pub(super) fn read(columns: &mut Columns<'_>) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        tenant: columns.parsed(TenantId::parse)?,
        token: columns.parsed(Token::parse)?,
        profile: columns.parsed(ProfileName::parse)?,
        bin: columns.known(Bin::parse)?,
        last_four: columns.known(LastFour::parse)?,
        brand: columns.known(Brand::parse)?,
        card_expiry: match (columns.optional_number()?, columns.optional_number()?) {
            (Some(month), Some(year)) => Some(Expiry::new(month, year).map_err(|_| columns.unreadable())?),
            (None, None) => None,
            _ => return Err(columns.unreadable()),
        },
        single_use: columns.flag()?,
        created_by: columns.parsed(ServiceName::parse)?,
        created_at: columns.time()?,
        expires_at: columns.optional_time()?,
        state: columns.known(TokenState::parse)?,
        envelope: columns.optional_blob()?,
        metadata_envelope: columns.optional_blob()?,
        row_version: columns.number()?,
    })
}
