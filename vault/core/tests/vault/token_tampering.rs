//! Rows of tokens put together by somebody else: an integrity failure, never another card.

use std::num::NonZeroU32;
use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::TokenRow;
use strongroom_core::{NewToken, VaultError};
use strongroom_domain::{Bin, Expiry, LastFour, ProfileName, Reveal, Shown, Token};

use crate::asking::{
    card, card_number, detokenize, first, metadata, reveal, rotate_key, shows, token_for, tokenize_one,
};
use crate::world::{World, call, tenant};

#[tokio::test]
async fn a_value_moved_to_another_token_stays_shut() {
    let world = World::open().await;
    let (one, other) = two_tokens(&world).await;
    world.store.tamper_tokens(move |row| row.envelope = other.envelope.clone());
    refuses(&world, &one.token).await;
    // Even with everything else that stands beside it.
    let (one, other) = two_tokens(&world).await;
    world.store.tamper_tokens(move |row| *row = TokenRow { token: row.token.clone(), ..other.clone() });
    refuses(&world, &one.token).await;
}

#[tokio::test]
async fn a_value_moved_to_another_tenant_stays_shut() {
    let world = World::open().await;
    let (one, _) = two_tokens(&world).await;
    let stranger = call("globex", "tokenizer");
    let theirs = tokenize_one(&world.vault, &stranger, card(&card_number(1))).await.unwrap().token.token;
    let moved = one.clone();
    world.store.tamper_tokens(move |row| row.envelope = moved.envelope.clone());
    for asked in [Reveal::Masked, Reveal::Full] {
        let outcome = detokenize(&world.vault, &call("globex", "detokenizer"), &theirs, asked).await.err();
        assert_eq!(outcome, Some(VaultError::IntegrityFailure));
    }
    // The whole row, as a copy in the other tenant's part of the table.
    world.store.tamper_tokens(move |row| {
        *row = TokenRow { tenant: tenant("globex"), token: row.token.clone(), ..one.clone() };
    });
    let outcome = detokenize(&world.vault, &call("globex", "detokenizer"), &theirs, Reveal::Full).await.err();
    assert_eq!(outcome, Some(VaultError::IntegrityFailure));
}

#[tokio::test]
async fn columns_beside_the_value_cannot_be_altered() {
    let world = World::open().await;
    let (one, _) = two_tokens(&world).await;
    let Shown::Card { brand, bin, last_four, .. } = one.shown else { panic!("it was made for a card") };
    let other_bin = Bin::parse("555555");
    let other_end = LastFour::parse("0000");
    for shown in [
        Shown::Card { brand, bin: other_bin, last_four, expiry: None },
        Shown::Card { brand, bin, last_four: other_end, expiry: None },
        Shown::Card { brand, bin, last_four, expiry: Expiry::new(1, 2099).ok() },
        Shown::Text,
    ] {
        world.store.tamper_tokens(move |row| row.shown = shown);
        refuses(&world, &one.token).await;
    }
    // Nor what decides how long and how often the value may be shown.
    world
        .store
        .tamper_tokens(|row| row.expires_at = Some(row.created_at.plus(Duration::from_secs(9_999_999))));
    refuses(&world, &one.token).await;
    world.store.tamper_tokens(|row| row.max_uses = NonZeroU32::new(1000));
    refuses(&world, &one.token).await;
    world.store.tamper_tokens(|row| row.profile = ProfileName::parse("looser").unwrap());
    refuses(&world, &one.token).await;
    world.store.stop_tampering();
    assert!(shows(&reveal(&world.vault, &one.token).await.unwrap(), &card_number(1)));
}

#[tokio::test]
async fn metadata_and_value_cannot_take_each_others_place() {
    let world = World::open().await;
    let (one, other) = two_tokens(&world).await;
    world.store.tamper_tokens(|row| row.envelope = row.metadata_envelope.clone());
    refuses(&world, &one.token).await;
    let reader = call("acme", "tokenizer");
    world.store.tamper_tokens(|row| row.metadata_envelope = row.envelope.clone());
    assert_eq!(world.vault.get_token(&reader, &one.token).await, Err(VaultError::IntegrityFailure));
    world.store.tamper_tokens(move |row| row.metadata_envelope = other.metadata_envelope.clone());
    assert_eq!(world.vault.get_token(&reader, &one.token).await, Err(VaultError::IntegrityFailure));
    let listed = world.vault.list_tokens(&reader, &first(10)).await.err();
    assert_eq!(listed, Some(VaultError::IntegrityFailure));
}

#[tokio::test]
async fn every_altered_byte_of_a_value_is_noticed() {
    let world = World::open().await;
    let (one, _) = two_tokens(&world).await;
    rotate_key(&world.vault, "tokenization").await.unwrap();
    for position in 0..one.envelope.as_ref().unwrap().len() {
        world.store.tamper_tokens(move |row| {
            if let Some(envelope) = &mut row.envelope {
                envelope[position] ^= 1;
            }
        });
        let outcome = reveal(&world.vault, &one.token).await.err();
        assert_eq!(outcome, Some(VaultError::IntegrityFailure), "byte {position}");
    }
    // The version that the value names, set to the one that exists as well and to one that does not.
    for version in [2, 9] {
        world.store.tamper_tokens(move |row| {
            if let Some(envelope) = &mut row.envelope {
                envelope[12] = version;
            }
        });
        refuses(&world, &one.token).await;
    }
}

/// The rows of two tokens of acme's with metadata, of cards that share BIN and last four with no other.
async fn two_tokens(world: &World) -> (TokenRow, TokenRow) {
    let with = |index: u64| NewToken {
        metadata: metadata(&[("order", &index.to_string())]).unwrap(),
        ..card(&card_number(index))
    };
    world.store.stop_tampering();
    let (one, other) = (token_for(&world.vault, with(1)).await, token_for(&world.vault, with(2)).await);
    let acme = tenant("acme");
    let row = async |token: &Token| world.store.find_token(&acme, token).await.unwrap().unwrap();
    (row(&one).await, row(&other).await)
}

async fn refuses(world: &World, token: &Token) {
    let reader = call("acme", "detokenizer");
    for asked in [Reveal::Masked, Reveal::Full] {
        let outcome = detokenize(&world.vault, &reader, token, asked).await.err();
        assert_eq!(outcome, Some(VaultError::IntegrityFailure));
    }
    let outcomes: Vec<_> = world.records_of(&reader).await.into_iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, ["integrity_failure"; 2]);
}
