//! What is not given a token, and what is no token of the caller's.

use std::num::NonZeroU32;
use strongroom_core::{CardInput, NewToken, ValueInput, VaultError};
use strongroom_domain::{
    KeptDigits, LuhnRule, LuhnStyle, PanError, Secret, Token, TokenFormat, TokenProfile,
};

use crate::asking::{
    card, card_for, card_input, card_number, create_profile, detokenize, metadata, profile, profile_name,
    search_card, token_for, tokenize, tokenize_one,
};
use crate::world::{World, call};
use strongroom_domain::Reveal;

#[tokio::test]
async fn a_number_that_is_none_is_refused_by_reason() {
    let world = World::open().await;
    let caller = call("acme", "tokenizer");
    for (number, reason) in [
        ("4111111111111112", PanError::CheckDigit),
        ("41111111111", PanError::Length),
        ("41111111111111111111", PanError::Length),
        ("4111x11111111111", PanError::NotDigits),
    ] {
        let outcome = tokenize_one(&world.vault, &caller, card(number)).await;
        assert_eq!(outcome, Err(VaultError::CardNumber(reason)));
    }
    create_profile(&world.vault, TokenProfile { card_check_digit: LuhnRule::Relaxed, ..profile("relaxed") })
        .await
        .unwrap();
    assert!(tokenize_one(&world.vault, &caller, card_for("relaxed", "4111111111111112")).await.is_ok());
    let holder = Some(Secret::new("two\nlines".to_owned()));
    let value = ValueInput::Card(CardInput { holder, ..card_input(&card_number(1)) });
    let item = NewToken { value, ..card(&card_number(1)) };
    assert!(matches!(tokenize_one(&world.vault, &caller, item).await, Err(VaultError::Card(_))));
}

#[tokio::test]
async fn a_bad_item_spoils_no_other() {
    let world = World::open().await;
    let items = vec![card(&card_number(1)), card("4111111111111112"), card(&card_number(2))];
    let outcomes = tokenize(&world.vault, &call("acme", "tokenizer"), items).await.unwrap();
    assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
}

#[tokio::test]
async fn a_card_number_in_metadata_is_refused() {
    for (name, value) in [("note", "4111 1111 1111 1111"), ("4111111111111111", "note")] {
        assert_eq!(metadata(&[(name, value)]), Err(VaultError::CardNumberInMetadata));
    }
}

#[tokio::test]
async fn a_token_sent_as_a_card_number_is_recognised() {
    let world = World::open().await;
    let private = TokenProfile {
        format: TokenFormat::Card,
        keep: KeptDigits::ZeroFour,
        luhn: LuhnStyle::PrivatePrefix,
        ..profile("private")
    };
    create_profile(&world.vault, private).await.unwrap();
    create_profile(&world.vault, TokenProfile { card_check_digit: LuhnRule::Relaxed, ..profile("relaxed") })
        .await
        .unwrap();
    let shaped = TokenProfile { format: TokenFormat::Card, ..profile("shaped") };
    create_profile(&world.vault, shaped).await.unwrap();
    let caller = call("acme", "tokenizer");
    let number = card_number(1);
    for (made_by, sent_to) in [("default", "default"), ("private", "default"), ("shaped", "relaxed")] {
        let token = token_for(&world.vault, card_for(made_by, &number)).await;
        let outcome = tokenize_one(&world.vault, &caller, card_for(sent_to, token.as_str())).await;
        assert_eq!(outcome, Err(VaultError::CardNumberIsToken), "{made_by}");
    }
    let shaped = token_for(&world.vault, card_for("shaped", &number)).await;
    let outcome = tokenize_one(&world.vault, &caller, card(shaped.as_str())).await;
    assert_eq!(outcome, Err(VaultError::CardNumber(PanError::CheckDigit)));
    let token = token_for(&world.vault, card(&number)).await;
    let searched = search_card(&world.vault, &caller, token.as_str(), "default").await;
    assert_eq!(searched, Err(VaultError::CardNumberIsToken));
}

#[tokio::test]
async fn another_tenants_token_is_as_unknown_as_one_that_never_was() {
    let world = World::open().await;
    let theirs = token_for(&world.vault, card(&card_number(1))).await;
    let unknown = {
        let other = World::open().await;
        token_for(&other.vault, card(&card_number(1))).await;
        token_for(&other.vault, card(&card_number(2))).await
    };
    let mistyped = Token::parse(&format!("tok_{}", "0".repeat(32))).unwrap();
    for token in [&theirs, &unknown, &mistyped] {
        let (tokenizer, detokenizer) = (call("globex", "tokenizer"), call("globex", "detokenizer"));
        for asked in [Reveal::Masked, Reveal::Full] {
            let outcome = detokenize(&world.vault, &detokenizer, token, asked).await.err();
            assert_eq!(outcome, Some(VaultError::NotFound));
        }
        assert_eq!(world.vault.get_token(&tokenizer, token).await, Err(VaultError::NotFound));
        assert_eq!(world.vault.delete_token(&tokenizer, token).await, Err(VaultError::NotFound));
        let outcomes: Vec<_> =
            world.records_of(&detokenizer).await.into_iter().map(|record| record.outcome).collect();
        assert_eq!(outcomes, ["not_found"; 2]);
    }
}

#[tokio::test]
async fn single_use_and_deterministic_do_not_go_together() {
    let world = World::open().await;
    let deterministic = TokenProfile { reuse: strongroom_domain::Reuse::Deterministic, ..profile("same") };
    create_profile(&world.vault, deterministic.clone()).await.unwrap();
    let item = NewToken { max_uses: Some(NonZeroU32::MIN), ..card_for("same", &card_number(1)) };
    let outcome = tokenize_one(&world.vault, &call("acme", "tokenizer"), item).await;
    assert!(matches!(outcome, Err(VaultError::Invalid(_))));
    let both = TokenProfile { single_use: true, name: profile_name("both"), ..deterministic };
    assert!(matches!(create_profile(&world.vault, both).await, Err(VaultError::Profile(_))));
}
