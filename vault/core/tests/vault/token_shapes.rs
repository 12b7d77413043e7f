//! What tokens look like, and that none could be taken for the card it stands for.

use std::collections::HashSet;

use strongroom_core::{Vault, VaultError};
use strongroom_crypto::token_v1;
use strongroom_domain::{KeptDigits, LuhnRule, LuhnStyle, Pan, Token, TokenFormat, TokenProfile};

use crate::asking::{
    card, card_for, card_number, create_profile, profile, reveal, shows, token_for, tokenize,
    with_check_digit,
};
use crate::world::{World, call};

#[tokio::test]
async fn an_opaque_token_is_new_each_time_and_leads_back() {
    let world = World::open().await;
    let number = card_number(1);
    let mut tokens = HashSet::new();
    for _ in 0..50 {
        let token = token_for(&world.vault, card(&number)).await;
        assert!(token.is_opaque() && token_v1::checksum_is_right(&token));
        assert!(tokens.insert(token));
    }
    for token in &tokens {
        assert!(shows(&reveal(&world.vault, token).await.unwrap(), &number));
    }
}

#[tokio::test]
async fn a_card_shaped_token_keeps_what_its_profile_says_and_fails_the_check_digit() {
    let world = World::open().await;
    for (name, keep) in [
        ("six-four", KeptDigits::SixFour),
        ("four-four", KeptDigits::FourFour),
        ("zero-four", KeptDigits::ZeroFour),
    ] {
        create_profile(&world.vault, card_shaped(name, keep, LuhnStyle::Invalid)).await.unwrap();
        for number in [card_number(12), "378282246310005".to_owned(), with_check_digit("6304000000000000")] {
            let token = token_for(&world.vault, card_for(name, &number)).await;
            let digits = token.as_str();
            assert_eq!(digits.len(), number.len());
            let (token_digits, digits_of_card) = (digits.as_bytes(), number.as_bytes());
            assert_eq!(token_digits[..keep.front()], digits_of_card[..keep.front()]);
            assert_eq!(token_digits[digits.len() - 4..], digits_of_card[digits.len() - 4..]);
            assert!(Pan::parse(digits, LuhnRule::Required).is_err(), "no card number");
            assert!(shows(&reveal(&world.vault, &token).await.unwrap(), &number));
        }
    }
}

#[tokio::test]
async fn a_token_with_the_private_prefix_has_a_right_check_digit() {
    let world = World::open().await;
    let private = card_shaped("private", KeptDigits::ZeroFour, LuhnStyle::PrivatePrefix);
    create_profile(&world.vault, private).await.unwrap();
    let number = card_number(5);
    let token = token_for(&world.vault, card_for("private", &number)).await;
    assert!(token.as_str().starts_with('9'));
    assert!(Pan::parse(token.as_str(), LuhnRule::Required).is_ok());
    assert!(shows(&reveal(&world.vault, &token).await.unwrap(), &number));
    let joined = card_shaped("joined", KeptDigits::SixFour, LuhnStyle::PrivatePrefix);
    assert!(matches!(create_profile(&world.vault, joined).await, Err(VaultError::Profile(_))));
}

#[tokio::test]
async fn a_space_is_used_to_its_last_token_and_then_refused() {
    // Twelve digits of which ten are kept: the two between give 10 × 9 tokens with a wrong check digit.
    const SPACE: usize = 90;
    let world = World::open().await;
    create_profile(&world.vault, card_shaped("tight", KeptDigits::SixFour, LuhnStyle::Invalid))
        .await
        .unwrap();
    let number = with_check_digit("63040000123");
    let mut tokens = exhaust(&world.vault, &number, SPACE / 2).await;
    // The rest in one request, which must not give out a token twice either.
    let items = (0..SPACE).map(|_| card_for("tight", &number)).collect();
    let outcomes = tokenize(&world.vault, &call("acme", "tokenizer"), items).await.unwrap();
    let refused = outcomes.iter().filter(|outcome| **outcome == Err(VaultError::TokenSpaceExhausted)).count();
    assert_eq!(refused, SPACE - SPACE / 2);
    tokens.extend(outcomes.into_iter().flatten().map(|made| made.token.token));
    assert_eq!(tokens.len(), SPACE);
    assert!(tokens.iter().all(|token| token.as_str().len() == number.len()), "never another format");

    // What was deleted stays taken; another BIN and last four are not concerned.
    let deleted = tokens.iter().next().unwrap();
    world.vault.delete_token(&call("acme", "tokenizer"), deleted).await.unwrap();
    let again =
        tokenize(&world.vault, &call("acme", "tokenizer"), vec![card_for("tight", &number)]).await.unwrap();
    assert_eq!(again[0], Err(VaultError::TokenSpaceExhausted));
    token_for(&world.vault, card_for("tight", &with_check_digit("63040100123"))).await;
}

async fn exhaust(vault: &Vault, number: &str, count: usize) -> HashSet<Token> {
    let mut tokens = HashSet::new();
    for _ in 0..count {
        assert!(tokens.insert(token_for(vault, card_for("tight", number)).await));
    }
    tokens
}

fn card_shaped(name: &str, keep: KeptDigits, luhn: LuhnStyle) -> TokenProfile {
    TokenProfile { format: TokenFormat::Card, keep, luhn, min_card_digits: 12, ..profile(name) }
}

/// A hundred thousand of each style: all distinct, none a number that came in, none to be taken for a card number outside the
/// private prefix, and the digits that were chosen are uniform.
#[tokio::test]
async fn a_hundred_thousand_tokens_are_as_random_as_they_should_be() {
    const MANY: u64 = 100_000;
    let world = World::open().await;
    let numbers: Vec<String> = (0..MANY).map(card_number).collect();
    let known: HashSet<&str> = numbers.iter().map(String::as_str).collect();
    assert_eq!(known.len(), numbers.len());
    for (name, keep, luhn, chosen) in [
        ("six-four", KeptDigits::SixFour, LuhnStyle::Invalid, 6..11),
        ("private", KeptDigits::ZeroFour, LuhnStyle::PrivatePrefix, 1..11),
    ] {
        create_profile(&world.vault, card_shaped(name, keep, luhn)).await.unwrap();
        let mut tokens = HashSet::new();
        for batch in numbers.chunks(1000) {
            let items = batch.iter().map(|number| card_for(name, number)).collect();
            for made in tokenize(&world.vault, &call("acme", "tokenizer"), items).await.unwrap() {
                assert!(tokens.insert(made.unwrap().token.token), "the same token twice");
            }
        }
        for token in &tokens {
            assert!(!known.contains(token.as_str()), "a token that is a card number of the tenant's");
            let passes = Pan::parse(token.as_str(), LuhnRule::Required).is_ok();
            assert_eq!(passes, luhn == LuhnStyle::PrivatePrefix && token.as_str().starts_with('9'));
        }
        for place in chosen {
            let mut counts = [0_u32; 10];
            for token in &tokens {
                counts[usize::from(token.as_str().as_bytes()[place] - b'0')] += 1;
            }
            let expected = f64::from(u32::try_from(MANY).unwrap()) / 10.0;
            let chi_square: f64 =
                counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
            // Nine degrees of freedom: beyond this once in ten million.
            assert!(chi_square < 50.0, "{name}: digit {place} is not uniform: {counts:?}");
        }
    }
}
