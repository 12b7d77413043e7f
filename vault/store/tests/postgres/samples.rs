//! Batches to try things with.

use std::collections::BTreeSet;

use strongroom_core::ports::store::{Batch, BundleRow, Effect, TokenRow};
use strongroom_domain::{
    Bin, Brand, LastFour, ProfileName, ServiceName, Shown, TenantId, Timestamp, Token, TokenState,
};

/// A batch of one unit that continues the stream `node`.
pub(crate) fn batch(first_sequence: u64, unit: Vec<Effect>) -> Batch {
    batch_of("node", first_sequence, unit)
}

/// A batch of one unit that continues a stream.
pub(crate) fn batch_of(stream: &str, first_sequence: u64, unit: Vec<Effect>) -> Batch {
    let bundle = BundleRow {
        stream: stream.to_owned(),
        first_sequence,
        count: 1,
        events: b"events".to_vec(),
        root: [0; 32],
        range: b"range".to_vec(),
        created_at: now(),
    };
    Batch { units: vec![unit], bundle }
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("acme").unwrap()
}

pub(crate) fn token(number: u64) -> Token {
    Token::parse(&format!("tok_{number:032}")).unwrap()
}

/// A token with this sealed value.
pub(crate) fn insert_token(number: u64, envelope: &[u8]) -> Effect {
    Effect::InsertToken(Box::new(token_row(number, envelope)))
}

fn token_row(number: u64, envelope: &[u8]) -> TokenRow {
    TokenRow {
        tenant: tenant(),
        token: token(number),
        profile: ProfileName::parse("standard").unwrap(),
        envelope: Some(envelope.to_vec()),
        metadata_envelope: Some(envelope.to_vec()),
        shown: Shown::Card {
            brand: Some(Brand::Visa),
            bin: Bin::parse("411111"),
            last_four: LastFour::parse("1111"),
            expiry: None,
        },
        aliases: BTreeSet::new(),
        tags: BTreeSet::new(),
        max_uses: None,
        created_by: ServiceName::parse("shop").unwrap(),
        created_at: now(),
        expires_at: None,
        state: TokenState::Active,
        uses: 0,
        row_version: 1,
    }
}

pub(crate) fn end_token(number: u64) -> Effect {
    Effect::ReviseToken { row: Box::new(token_row(number, b"").ended(TokenState::Deleted)), at: now() }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_millis(1_795_000_000_000)
}
