//! Rows to try things with.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{
    AliasRow, Batch, BundleRow, CommitError, Effect, FingerprintKey, FingerprintRow, TagRow, TokenRow,
};
use strongroom_domain::{
    Alias, Bin, Brand, CountryCode, Expiry, IbanEnding, KeyVersion, LastFour, ProfileName, ScopeName,
    ServiceName, Shown, Tag, TenantId, Timestamp, Token, TokenState,
};

/// A node that writes its own audit stream, as the vault's committer does.
pub(super) struct Node {
    store: Arc<dyn Store>,
    stream: String,
}

impl Node {
    pub(super) fn new(store: &Arc<dyn Store>, stream: &str) -> Self {
        Self { store: Arc::clone(store), stream: stream.to_owned() }
    }

    /// A batch that continues the stream, with one record a unit.
    pub(super) async fn batch(&self, units: Vec<Vec<Effect>>) -> Batch {
        let first = self.store.stream_head(&self.stream).await.unwrap().map_or(0, |head| head.size);
        batch(&self.stream, first, u32::try_from(units.len()).unwrap().max(1), units)
    }

    pub(super) async fn try_commit(&self, units: Vec<Vec<Effect>>) -> Result<(), CommitError> {
        self.store.commit(&self.batch(units).await).await
    }

    /// Commits what must go through.
    pub(super) async fn commit(&self, units: Vec<Vec<Effect>>) {
        assert_eq!(self.try_commit(units).await, Ok(()));
    }

    /// Commits what must not, and says which units were at fault.
    pub(super) async fn conflicts(&self, units: Vec<Vec<Effect>>) -> Vec<usize> {
        match self.try_commit(units).await {
            Err(CommitError::Conflict(positions)) => positions,
            other => {
                assert_eq!(other, Err(CommitError::Conflict(Vec::new())));
                Vec::new()
            }
        }
    }
}

/// A batch whose bundle begins at `first`. Its bytes tell bundles apart.
pub(super) fn batch(stream: &str, first: u64, count: u32, units: Vec<Vec<Effect>>) -> Batch {
    let size = first + u64::from(count);
    Batch {
        units,
        bundle: BundleRow {
            stream: stream.to_owned(),
            first_sequence: first,
            count,
            events: format!("events {first} to {size}").into_bytes(),
            root: [u8::try_from(size % 251).unwrap(); 32],
            range: format!("range {size}").into_bytes(),
            created_at: at(size),
        },
    }
}

/// A moment; greater numbers are later.
pub(super) fn at(number: u64) -> Timestamp {
    Timestamp::from_unix_millis(1_795_000_000_000 + i64::try_from(number).unwrap())
}

pub(super) fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub(super) fn service(name: &str) -> ServiceName {
    ServiceName::parse(name).unwrap()
}

pub(super) fn version(number: u32) -> KeyVersion {
    KeyVersion::new(number).unwrap()
}

/// An opaque token; greater numbers come later in the order of tokens.
pub(super) fn token(number: u64) -> Token {
    Token::parse(&format!("tok_{number:032}")).unwrap()
}

/// A token row without anything that may be left out, made at `number`.
pub(super) fn token_row(tenant_name: &str, number: u64) -> TokenRow {
    TokenRow {
        tenant: tenant(tenant_name),
        token: token(number),
        profile: ProfileName::parse("standard").unwrap(),
        envelope: Some(format!("sealed {number}").into_bytes()),
        metadata_envelope: None,
        shown: card("411111", Brand::Visa, None),
        aliases: BTreeSet::new(),
        tags: BTreeSet::new(),
        max_uses: None,
        created_by: service("shop"),
        created_at: at(number),
        expires_at: None,
        state: TokenState::Active,
        uses: 0,
        row_version: 1,
    }
}

/// A token row with everything that may be given, in the other shape.
pub(super) fn full_token_row(tenant_name: &str) -> TokenRow {
    TokenRow {
        token: Token::parse("0000009876541111").unwrap(),
        metadata_envelope: Some(vec![0, 1, 2, 255]),
        shown: card("000000", Brand::Unknown, Expiry::new(12, 2031).ok()),
        aliases: [alias("oldvendor:1"), alias("customer-42/card-1")].into(),
        tags: [tag("b"), tag("a")].into(),
        max_uses: NonZeroU32::new(3),
        uses: 2,
        expires_at: Some(at(900)),
        ..token_row(tenant_name, 7)
    }
}

pub(super) fn alias(text: &str) -> Alias {
    Alias::parse(text).unwrap()
}

pub(super) fn tag(text: &str) -> Tag {
    Tag::parse(text).unwrap()
}

/// Leads from an alias to a token.
pub(super) fn alias_row(tenant_name: &str, text: &str, number: u64) -> AliasRow {
    AliasRow { tenant: tenant(tenant_name), alias: alias(text), token: token(number) }
}

/// A token with its labels, and what leads to it from them.
pub(super) fn insert_tagged(row: TokenRow) -> Vec<Effect> {
    let tag_row = |tag: &Tag| TagRow {
        tenant: row.tenant.clone(),
        tag: tag.clone(),
        created_at: row.created_at,
        token: row.token.clone(),
    };
    let mut effects: Vec<Effect> = row.tags.iter().map(|tag| Effect::InsertTag(tag_row(tag))).collect();
    effects.push(Effect::InsertToken(Box::new(row)));
    effects
}

pub(super) fn insert_token(tenant: &str, number: u64) -> Effect {
    Effect::InsertToken(Box::new(token_row(tenant, number)))
}

fn card(bin: &str, brand: Brand, expiry: Option<Expiry>) -> Shown {
    let (bin, last_four) = (Bin::parse(bin), LastFour::parse("1111"));
    Shown::Card { brand: Some(brand), bin, last_four, expiry }
}

/// Rows of values of every kind.
pub(super) fn a_row_of_each_kind(tenant_name: &str) -> Vec<TokenRow> {
    let country = CountryCode::parse("DE").unwrap();
    let shown = [
        card("411111", Brand::Visa, None),
        Shown::Card { brand: None, bin: None, last_four: None, expiry: Expiry::new(1, 2030).ok() },
        Shown::BankAccount { country, ending: IbanEnding::parse("30AB").unwrap() },
        Shown::IdentityNumber { country: Some(country) },
        Shown::IdentityNumber { country: None },
        Shown::Text,
    ];
    (100..).zip(shown).map(|(number, shown)| TokenRow { shown, ..token_row(tenant_name, number) }).collect()
}

pub(super) fn end_token(tenant_name: &str, number: u64, expected_row_version: u32) -> Effect {
    end(
        &TokenRow { row_version: expected_row_version, ..token_row(tenant_name, number) },
        TokenState::Deleted,
    )
}

/// Ends a token that is so.
pub(super) fn end(row: &TokenRow, state: TokenState) -> Effect {
    Effect::ReviseToken { row: Box::new(row.ended(state)), at: at(1000) }
}

pub(super) fn fingerprint_key(scope: Option<&str>, key_version: u32, first_byte: u8) -> FingerprintKey {
    let mut fingerprint = [7; 32];
    fingerprint.iter_mut().take(1).for_each(|byte| *byte = first_byte);
    FingerprintKey {
        scope: scope.map(|name| ScopeName::parse(name).unwrap()),
        key_version: version(key_version),
        fingerprint,
    }
}

/// A row of version 1 over the whole tenant.
pub(super) fn fingerprint(tenant_name: &str, value: u8, number: u64, deterministic: bool) -> FingerprintRow {
    FingerprintRow {
        tenant: tenant(tenant_name),
        key: fingerprint_key(None, 1, value),
        token: token(number),
        deterministic,
    }
}
