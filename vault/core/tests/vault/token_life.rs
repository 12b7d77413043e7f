//! Tokens end: by time, by use, by deletion. One-way tokens never led back.

use std::num::NonZeroU32;
use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::Effect;
use strongroom_core::{CardInput, NewToken, RevealedValue, ValueInput, VaultError};
use strongroom_domain::{Expiry, Reveal, Secret, Shown, Token, TokenProfile, TokenState, Value};
use tokio::task::JoinSet;

use crate::asking::{
    card, card_for, card_input, card_number, create_profile, detokenization, detokenize, first, metadata,
    profile, reveal, search_card, shows, token_for, tokenize_one,
};
use crate::world::{World, call, settings, tenant};

#[tokio::test]
async fn a_token_ends_with_its_time_whether_or_not_anything_removed_it() {
    let world = World::open().await;
    let minute = Duration::from_secs(60);
    let token = token_for(&world.vault, NewToken { ttl: Some(minute), ..card(&card_number(1)) }).await;
    world.clock.advance(minute - Duration::from_millis(1));
    assert!(reveal(&world.vault, &token).await.is_ok());
    world.clock.advance(Duration::from_millis(1));
    let caller = call("acme", "tokenizer");
    assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::TokenExpired));
    let masked = detokenize(&world.vault, &call("acme", "detokenizer"), &token, Reveal::Masked).await;
    assert_eq!(masked.err(), Some(VaultError::TokenExpired));
    assert_eq!(world.vault.get_token(&caller, &token).await, Err(VaultError::TokenExpired));
    assert_eq!(search_card(&world.vault, &caller, &card_number(1), "default").await, Ok(Vec::new()));
    assert_eq!(world.vault.delete_token(&caller, &token).await, Ok(()));
}

#[tokio::test]
async fn a_request_may_shorten_its_profiles_time_and_not_lengthen_it() {
    let world = World::open().await;
    let minute = Duration::from_secs(60);
    create_profile(&world.vault, TokenProfile { ttl: Some(minute), ..profile("brief") }).await.unwrap();
    let caller = call("acme", "tokenizer");
    let with = |ttl| NewToken { ttl, ..card_for("brief", &card_number(1)) };
    let now = world.vault.now();
    for (asked, lives) in [(None, minute), (Some(minute / 2), minute / 2), (Some(minute), minute)] {
        let made = tokenize_one(&world.vault, &caller, with(asked)).await.unwrap();
        assert_eq!(made.token.expires_at, Some(now.plus(lives)));
    }
    for refused in [minute + Duration::from_secs(1), Duration::ZERO, Duration::from_secs(u64::MAX)] {
        let outcome = tokenize_one(&world.vault, &caller, with(Some(refused))).await;
        assert!(matches!(outcome, Err(VaultError::Invalid(_))));
    }
}

#[tokio::test]
async fn a_single_use_token_shows_its_value_once() {
    let world = World::open().await;
    let number = card_number(1);
    let token = token_for(&world.vault, NewToken { max_uses: Some(NonZeroU32::MIN), ..card(&number) }).await;
    let reader = call("acme", "detokenizer");
    for _ in 0..3 {
        let masked = detokenize(&world.vault, &reader, &token, Reveal::Masked).await.unwrap();
        let RevealedValue::Masked { text: shown, .. } = masked else { panic!("asked for the masked form") };
        assert_eq!(shown, "400000******0010");
    }
    assert!(shows(&reveal(&world.vault, &token).await.unwrap(), &number));
    for asked in [Reveal::Full, Reveal::Masked] {
        let refusal = detokenize(&world.vault, &reader, &token, asked).await.err();
        assert_eq!(refusal, Some(VaultError::TokenUsed));
    }
    let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
    assert_eq!((row.state, row.envelope), (TokenState::Used, None), "the value is gone");
    let found = search_card(&world.vault, &call("acme", "tokenizer"), &number, "default").await;
    assert_eq!(found, Ok(Vec::new()));
}

#[tokio::test]
async fn a_single_use_token_twice_in_a_request_shows_its_value_once() {
    let world = World::open().await;
    let token =
        token_for(&world.vault, NewToken { max_uses: Some(NonZeroU32::MIN), ..card(&card_number(1)) }).await;
    let request = detokenization(&[&token, &token], Reveal::Full);
    let outcomes = world.vault.detokenize(&call("acme", "detokenizer"), &request).await.unwrap();
    let refusals: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().err()).collect();
    assert_eq!(refusals, [None, Some(&VaultError::TokenUsed)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_ask_at_once_one_sees_a_single_use_value() {
    let world = World::open().await;
    let other_node = world.start(settings("node-2")).await.unwrap();
    let token =
        token_for(&world.vault, NewToken { max_uses: Some(NonZeroU32::MIN), ..card(&card_number(1)) }).await;
    let mut running = JoinSet::new();
    for index in 0..32 {
        let vault = if index % 4 == 0 { other_node.clone() } else { world.vault.clone() };
        let token = token.clone();
        running.spawn(async move { reveal(&vault, &token).await.map(drop) });
    }
    let outcomes = running.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(
        outcomes
            .iter()
            .flat_map(|outcome| outcome.as_ref().err())
            .all(|error| *error == VaultError::TokenUsed)
    );
}

#[tokio::test]
async fn a_single_use_token_whose_use_was_not_recorded_is_not_used() {
    let world = World::open().await;
    let token =
        token_for(&world.vault, NewToken { max_uses: Some(NonZeroU32::MIN), ..card(&card_number(1)) }).await;
    world.fail_commits(true);
    assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::AuditUnavailable));
    world.fail_commits(false);
    assert!(reveal(&world.vault, &token).await.is_ok());
}

#[tokio::test]
async fn a_one_way_token_holds_no_value() {
    let world = World::open().await;
    create_profile(&world.vault, TokenProfile { reversible: false, ..profile("one-way") }).await.unwrap();
    let number = card_number(1);
    let token = token_for(&world.vault, card_for("one-way", &number)).await;
    let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
    assert_eq!(row.envelope, None);
    assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::TokenNotReversible));
    let masked = detokenize(&world.vault, &call("acme", "detokenizer"), &token, Reveal::Masked).await;
    assert_eq!(masked.err(), Some(VaultError::TokenNotReversible));
    let caller = call("acme", "tokenizer");
    let search = async || search_card(&world.vault, &caller, &number, "one-way").await;
    assert_eq!(search().await, Ok(vec![token.clone()]));
    let once = NewToken { max_uses: Some(NonZeroU32::MIN), ..card_for("one-way", &number) };
    assert!(matches!(tokenize_one(&world.vault, &caller, once).await, Err(VaultError::Invalid(_))));
    world.vault.delete_token(&caller, &token).await.unwrap();
    assert_eq!(search().await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_deleted_token_is_as_if_it_had_never_been() {
    let world = World::open().await;
    let number = card_number(1);
    let token = token_for(&world.vault, card(&number)).await;
    let caller = call("acme", "tokenizer");
    world.vault.delete_token(&caller, &token).await.unwrap();
    assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::NotFound));
    assert_eq!(world.vault.get_token(&caller, &token).await, Err(VaultError::NotFound));
    assert_eq!(world.vault.delete_token(&caller, &token).await, Err(VaultError::NotFound));
    assert_eq!(world.vault.list_tokens(&caller, &first(10)).await.unwrap().tokens, []);
    let (mut inserted, mut removed) = (Vec::new(), Vec::new());
    for effect in world.store.effects() {
        match effect {
            Effect::InsertFingerprint(row) => inserted.push(row),
            Effect::DeleteFingerprint(row) => removed.push(row),
            _ => {}
        }
    }
    assert_eq!(inserted, removed, "nothing leads from the value to it any more");
    assert_ne!(token_for(&world.vault, card(&number)).await, token);
}

#[tokio::test]
async fn all_parts_of_a_card_come_back_and_its_metadata_with_it() {
    let world = World::open().await;
    let expiry = Some(Expiry::new(11, 2031).unwrap());
    let pairs = metadata(&[("order", "42"), ("note", "für Anna")]).unwrap();
    let holder = Some(Secret::new("ANNA EXAMPLE".to_owned()));
    let value = ValueInput::Card(CardInput { expiry, holder, ..card_input(&card_number(1)) });
    let item = NewToken { value, metadata: pairs.clone(), ..card(&card_number(1)) };
    let token = token_for(&world.vault, item).await;
    let view = world.vault.get_token(&call("acme", "gateway"), &token).await.unwrap();
    assert_eq!(view.metadata, pairs);
    assert!(matches!(view.shown, Shown::Card { expiry: shown, .. } if shown == expiry));
    let RevealedValue::Full(Value::Card(card)) = reveal(&world.vault, &token).await.unwrap() else {
        panic!("asked for all of it")
    };
    assert_eq!(card.expiry, expiry);
    assert!(card.holder.unwrap().secret().ct_eq(b"ANNA EXAMPLE"));
    let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
    let sealed = [row.envelope.unwrap(), row.metadata_envelope.unwrap()].concat();
    for clear in [&b"ANNA"[..], b"Anna", card_number(1).as_bytes()] {
        assert!(!sealed.windows(clear.len()).any(|window| window == clear));
    }
    let unknown = Token::parse("400000000000").unwrap();
    assert_eq!(reveal(&world.vault, &unknown).await.err(), Some(VaultError::NotFound));
}
