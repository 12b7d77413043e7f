use strongroom_core::ports::store::{StoreError, TokenCursor, TokenRow};
use strongroom_domain::{
    Bin, Brand, Expiry, LastFour, ProfileName, ServiceName, TenantId, Token, TokenState,
};

use super::columns::Columns;
use super::connections::Session;
use super::failure::Refusal;
use super::rows::{Reading, execute, fetch};
use super::values::Values;
use crate::changes::Ending;
use crate::shard;

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
            "bin, ",
            $prefix,
            "last_four, ",
            $prefix,
            "brand, ",
            $prefix,
            "card_expiry_month, ",
            $prefix,
            "card_expiry_year, ",
            $prefix,
            "single_use, ",
            $prefix,
            "created_by, ",
            $prefix,
            "created_at, ",
            $prefix,
            "expires_at, ",
            $prefix,
            "state, ",
            $prefix,
            "envelope, ",
            $prefix,
            "metadata_envelope, ",
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
     ?::text[], ?::text[], ?::text[], ?::smallint[], ?::smallint[], ?::boolean[], ?::text[], ?::bigint[], \
     ?::bigint[], ?::text[], ?::bytea[], ?::bytea[], ?::bigint[], ?::smallint[]) AS added WHERE head.fits"
);

/// The values of [`INSERT`], ordered by key: commits that meet wait for each other, and never in a circle.
pub(super) fn bind(rows: &[&TokenRow], values: &mut Values) {
    let mut rows = rows.to_vec();
    rows.sort_unstable_by(|left, right| (&left.tenant, &left.token).cmp(&(&right.tenant, &right.token)));
    let rows = || rows.iter();
    values.texts(rows().map(|row| row.tenant.as_str()));
    values.texts(rows().map(|row| row.token.as_str()));
    values.texts(rows().map(|row| row.profile.as_str()));
    values.digits(rows().map(|row| &row.bin.as_bytes()[..]));
    values.digits(rows().map(|row| &row.last_four.as_bytes()[..]));
    values.texts(rows().map(|row| row.brand.as_str()));
    values.optional_small(rows().map(|row| row.card_expiry.map(|expiry| u16::from(expiry.month()))));
    values.optional_small(rows().map(|row| row.card_expiry.map(|expiry| expiry.year())));
    values.flags(rows().map(|row| row.single_use));
    values.texts(rows().map(|row| row.created_by.as_str()));
    values.times(rows().map(|row| row.created_at));
    values.optional_times(rows().map(|row| row.expires_at));
    values.texts(rows().map(|row| row.state.as_str()));
    values.optional_blobs(rows().map(|row| row.envelope.as_deref()));
    values.optional_blobs(rows().map(|row| row.metadata_envelope.as_deref()));
    values.integers(rows().map(|row| row.row_version));
    values.shards(rows().map(|row| shard::of_token(&row.token)));
}

/// Ends tokens and erases their values; refused if one of them is not as expected.
pub(super) async fn end(session: &mut Session, endings: &[Ending<'_>]) -> Result<(), Refusal> {
    if endings.is_empty() {
        return Ok(());
    }
    let mut sorted = endings.to_vec();
    sorted.sort_unstable_by(|left, right| (left.tenant, left.token).cmp(&(right.tenant, right.token)));
    let endings = || sorted.iter();
    let mut values = Values::default();
    values.shards(endings().map(|ending| shard::of_token(ending.token)));
    values.texts(endings().map(|ending| ending.tenant.as_str()));
    values.texts(endings().map(|ending| ending.token.as_str()));
    values.integers(endings().map(|ending| ending.expected_row_version));
    values.texts(endings().map(|ending| ending.state.as_str()));
    values.times(endings().map(|ending| ending.at));
    let ended = execute(session, END, values).await?;
    if ended == sorted.len() as u64 { Ok(()) } else { Err(Refusal::Conflict) }
}

/// The tenant's tokens after the cursor.
pub(super) async fn list(
    session: &mut Session,
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
    fetch(session, LIST, values, &Reading { table: "token", read }).await
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
pub(super) const LIST: &str = concat!(
    "SELECT ",
    columns!(""),
    " FROM tokens WHERE tenant = $1 AND state <> 'deleted' AND (created_at, token) > ($2, $3) \
     ORDER BY created_at, token LIMIT $4"
);
pub(super) const END: &str = "\
    UPDATE tokens SET state = ending.state, ended_at = ending.ended_at, envelope = NULL, metadata_envelope = NULL, \
    row_version = tokens.row_version + 1 \
    FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[]) \
    AS ending (shard, tenant, token, row_version, state, ended_at) \
    WHERE tokens.shard = ending.shard AND tokens.tenant = ending.tenant AND tokens.token = ending.token \
    AND tokens.row_version = ending.row_version AND tokens.state = 'active'";

pub(super) fn read(columns: &mut Columns<'_>) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        tenant: columns.parsed(TenantId::parse)?,
        token: columns.parsed(Token::parse)?,
        profile: columns.parsed(ProfileName::parse)?,
        bin: columns.known(Bin::parse)?,
        last_four: columns.known(LastFour::parse)?,
        brand: columns.known(Brand::parse)?,
        card_expiry: match (columns.optional_small()?, columns.optional_small()?) {
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
