//! Tokens for other values than cards, and values that may be revealed so many times.

use std::num::NonZeroU32;

use strongroom_core::ports::Store;
use strongroom_core::{NewToken, RevealedValue, ValueInput, VaultError};
use strongroom_domain::{
    CountryCode, IbanError, IdentityNumberError, Reuse, Reveal, Secret, Shown, ShownDigits, TokenFormat,
    TokenProfile, TokenState, Value,
};

use crate::asking::{
    card, card_number, create_profile, detokenization, detokenize, profile, profile_name, reveal, token_for,
    tokenize_one,
};
use crate::world::{World, call, tenant};

const IBAN: &str = "DE89370400440532013000";

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn account(iban: &str) -> ValueInput {
    ValueInput::BankAccount { iban: secret(iban), holder: Some(secret("A N Other")) }
}

fn identity_number(number: &str, country: &str) -> ValueInput {
    ValueInput::IdentityNumber { number: secret(number), country: CountryCode::parse(country) }
}

fn of(value: ValueInput) -> NewToken {
    NewToken { value, ..card("") }
}

#[tokio::test]
async fn each_kind_comes_back_whole_and_shows_what_it_may() {
    let world = World::open().await;
    let reader = call("acme", "detokenizer");
    for (value, whole, masked) in [
        (account("DE89 3704 0044 0532 0130 00"), IBAN, "DE89**************3000"),
        (identity_number("078-05-1120", "US"), "078051120", "*******20"),
        (identity_number("11010519491231002x", "CN"), "11010519491231002X", "****************2X"),
        (ValueInput::Text(secret("très secret\n")), "très secret\n", "********"),
    ] {
        let token = token_for(&world.vault, of(value)).await;
        let RevealedValue::Full(value) = reveal(&world.vault, &token).await.unwrap() else {
            panic!("asked for all of it")
        };
        assert_eq!(value.identity(), whole.as_bytes());
        if let Value::BankAccount(account) = &value {
            assert!(account.holder.as_ref().unwrap().secret().ct_eq(b"A N Other"));
        }
        let RevealedValue::Masked { text, shown } =
            detokenize(&world.vault, &reader, &token, Reveal::Masked).await.unwrap()
        else {
            panic!("asked for the masked form")
        };
        assert_eq!((text.as_str(), shown), (masked, value.shown(ShownDigits::SixFour)));
        let view = world.vault.get_token(&call("acme", "gateway"), &token).await.unwrap();
        assert_eq!(view.shown, shown);
        let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
        assert!(!row.envelope.unwrap().windows(6).any(|part| whole.as_bytes().starts_with(part)));
    }
}

#[tokio::test]
async fn what_is_no_value_of_its_kind_is_refused() {
    let world = World::open().await;
    for (value, expected) in [
        (account("DE89370400440532013001"), VaultError::Iban(IbanError::CheckDigits)),
        (account("XX00"), VaultError::Iban(IbanError::Country)),
        (identity_number("123", ""), VaultError::IdentityNumber(IdentityNumberError::Length)),
        (
            identity_number("110105194912310021", "CN"),
            VaultError::IdentityNumber(IdentityNumberError::CheckDigit),
        ),
    ] {
        let refused = tokenize_one(&world.vault, &call("acme", "tokenizer"), of(value)).await;
        assert_eq!(refused.err(), Some(expected));
    }
    for length in [0, 4097] {
        let text = ValueInput::Text(secret(&"x".repeat(length)));
        let refused = tokenize_one(&world.vault, &call("acme", "tokenizer"), of(text)).await;
        assert!(matches!(refused.err(), Some(VaultError::Text(_))));
    }
}

#[tokio::test]
async fn only_cards_get_card_shaped_tokens() {
    let world = World::open().await;
    create_profile(&world.vault, TokenProfile { format: TokenFormat::Card, ..profile("shaped") })
        .await
        .unwrap();
    let item = NewToken { profile: profile_name("shaped"), ..of(account(IBAN)) };
    let refused = tokenize_one(&world.vault, &call("acme", "tokenizer"), item).await;
    assert!(matches!(refused.err(), Some(VaultError::Invalid(_))));
}

/// Equal values of one kind share a deterministic token; the same characters of another kind do not.
#[tokio::test]
async fn equal_values_are_equal_within_their_kind() {
    let world = World::open().await;
    let deterministic = TokenProfile { reuse: Reuse::Deterministic, ..profile("same") };
    create_profile(&world.vault, deterministic).await.unwrap();
    let by_same = |value| NewToken { profile: profile_name("same"), ..of(value) };
    let first = token_for(&world.vault, by_same(account(IBAN))).await;
    assert_eq!(token_for(&world.vault, by_same(account("de89 3704 0044 0532 0130 00"))).await, first);
    let as_text = token_for(&world.vault, by_same(ValueInput::Text(secret(IBAN)))).await;
    let as_number = token_for(&world.vault, by_same(identity_number(IBAN, ""))).await;
    assert!(as_text != first && as_number != first && as_number != as_text);
    let caller = call("acme", "tokenizer");
    let found = world.vault.search_tokens(&caller, &account(IBAN), &profile_name("same")).await.unwrap();
    assert_eq!(found.iter().map(|view| &view.token).collect::<Vec<_>>(), [&first]);
    assert!(matches!(found[0].shown, Shown::BankAccount { .. }));
}

fn three_times() -> NewToken {
    NewToken { max_uses: NonZeroU32::new(3), ..card(&card_number(1)) }
}

#[tokio::test]
async fn a_value_is_revealed_as_often_as_was_said_and_no_more() {
    let world = World::open().await;
    let token = token_for(&world.vault, three_times()).await;
    let reader = call("acme", "detokenizer");
    for uses in 1..=3 {
        assert!(detokenize(&world.vault, &reader, &token, Reveal::Masked).await.is_ok(), "not counted");
        assert!(reveal(&world.vault, &token).await.is_ok());
        let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
        let state = if uses == 3 { TokenState::Used } else { TokenState::Active };
        assert_eq!((row.uses, row.state, row.envelope.is_some()), (uses, state, uses < 3));
        assert_eq!(row.row_version, 1 + uses);
    }
    assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::TokenUsed));
}

#[tokio::test]
async fn in_one_request_each_time_counts() {
    let world = World::open().await;
    let token = token_for(&world.vault, three_times()).await;
    let request = detokenization(&[&token, &token, &token, &token], Reveal::Full);
    let revealed = world.vault.detokenize(&call("acme", "detokenizer"), &request).await.unwrap();
    let refusals: Vec<_> = revealed.iter().map(|one| one.as_ref().err().cloned()).collect();
    assert_eq!(refusals, [None, None, None, Some(VaultError::TokenUsed)]);
    let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
    assert_eq!((row.uses, row.state, row.row_version), (3, TokenState::Used, 2));
}

/// However many ask at once, no more of them are shown it than may be.
#[tokio::test]
async fn all_at_once_it_is_shown_no_more_often() {
    let world = World::open().await;
    let token = token_for(&world.vault, three_times()).await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (vault, token) = (world.vault.clone(), token.clone());
        asking.spawn(async move { reveal(&vault, &token).await.is_ok() });
    }
    let shown = asking.join_all().await.into_iter().filter(|shown| *shown).count();
    assert!(shown <= 3 && shown > 0, "{shown}");
    let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
    assert_eq!(row.uses as usize, shown);
}

#[tokio::test]
async fn only_what_can_be_revealed_is_counted() {
    let world = World::open().await;
    let deterministic = TokenProfile { reuse: Reuse::Deterministic, ..profile("same") };
    create_profile(&world.vault, deterministic).await.unwrap();
    let item = NewToken { profile: profile_name("same"), ..three_times() };
    let refused = tokenize_one(&world.vault, &call("acme", "tokenizer"), item).await;
    assert!(matches!(refused.err(), Some(VaultError::Invalid(_))));
}
