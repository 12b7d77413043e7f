//! A profile whose readable columns leave few card numbers that a token may stand for.

use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use strongroom_core::ports::{Approval, ApprovalRequest, ApprovalSubject, Approvals};
use strongroom_core::{Ports, RevealedValue, Settings, Vault, VaultError};
use strongroom_domain::{KeptDigits, PanError, Reuse, Reveal, ShownDigits, TokenFormat, TokenProfile};

use crate::asking::{
    card, card_for, card_number, create_profile, detokenize, profile, tokenize_one, with_check_digit,
};
use crate::world::{NODE, World, call, settings};

fn same(name: &str) -> TokenProfile {
    TokenProfile { reuse: Reuse::Deterministic, ..profile(name) }
}

#[tokio::test]
async fn too_few_card_numbers_need_an_approval_and_the_refusal_shows_the_arithmetic() {
    let world = World::open().await;
    let few = TokenProfile { min_card_digits: 14, ..same("few") };
    let refused = create_profile(&world.vault, few).await.err();
    let Some(VaultError::ApprovalRequired(text)) = refused else { panic!("{refused:?}") };
    assert_eq!(
        text,
        "a deterministic token beside the first 6 and last 4 digits of a card number of 14 digits leaves 1000 numbers \
         that it may be, and at least 10000 must be left: show fewer digits, or take longer numbers only \
         (min_card_digits)"
    );
    // Fewer digits, longer numbers, or tokens that are never equal.
    for enough in [
        TokenProfile { min_card_digits: 13, show: ShownDigits::ZeroFour, ..same("last-four") },
        TokenProfile { min_card_digits: 12, show: ShownDigits::None, scope: None, ..same("bare") },
        TokenProfile { min_card_digits: 12, ..profile("random") },
    ] {
        let scope = strongroom_domain::ScopeName::parse(enough.name.as_str()).ok();
        create_profile(&world.vault, TokenProfile { scope, ..enough }).await.unwrap();
    }
    // What the token itself keeps counts as well.
    let shaped = TokenProfile {
        format: TokenFormat::Card,
        keep: KeptDigits::SixFour,
        show: ShownDigits::None,
        min_card_digits: 12,
        ..same("shaped")
    };
    let refused = create_profile(&world.vault, shaped).await.err();
    assert!(matches!(refused, Some(VaultError::ApprovalRequired(_))), "{refused:?}");
}

#[tokio::test]
async fn the_least_is_a_setting_and_somebody_else_may_agree_to_less() {
    struct Agreeing(Mutex<Vec<ApprovalSubject>>);

    #[async_trait]
    impl Approvals for Agreeing {
        async fn approval(&self, request: &ApprovalRequest<'_>) -> Approval {
            self.0.lock().unwrap().push(request.subject.clone());
            Approval::Granted
        }
    }

    let world = World::open().await;
    let strict = Settings { least_card_numbers: 100_000, ..settings(NODE) };
    let node = Vault::open(world.ports.clone(), strict.clone()).await.unwrap();
    let refused = create_profile(&node, same("amex")).await.err();
    assert!(matches!(refused, Some(VaultError::ApprovalRequired(_))), "{refused:?}");

    let agreeing = Arc::new(Agreeing(Mutex::default()));
    let ports = Ports { approvals: agreeing.clone(), ..world.ports.clone() };
    let node = Vault::open(ports, strict).await.unwrap();
    let view = create_profile(&node, same("amex")).await.unwrap();
    assert_eq!(view.profile.correlation().card_numbers_left, 10_000);
    let asked =
        ApprovalSubject::CorrelatableProfile { profile: same("amex").name, card_numbers_left: 10_000 };
    assert_eq!(*agreeing.0.lock().unwrap(), [asked]);
}

#[tokio::test]
async fn a_profile_shows_and_takes_no_more_than_it_says() {
    let world = World::open().await;
    let vault = &world.vault;
    for (name, show, masked) in [
        ("six-four", ShownDigits::SixFour, "400000******"),
        ("zero-four", ShownDigits::ZeroFour, "************"),
        ("none", ShownDigits::None, "****************"),
    ] {
        create_profile(vault, TokenProfile { show, ..profile(name) }).await.unwrap();
        let caller = call("acme", "tokenizer");
        let made = tokenize_one(vault, &caller, card_for(name, &card_number(7))).await.unwrap().token;
        assert_eq!(made.shown.bin().is_some(), show == ShownDigits::SixFour);
        assert_eq!(made.shown.ending().is_some(), show != ShownDigits::None);
        assert_eq!(made.shown.brand().is_some(), show != ShownDigits::None);
        let reader = call("acme", "detokenizer");
        let shown = detokenize(vault, &reader, &made.token, Reveal::Masked).await.unwrap();
        let RevealedValue::Masked { text, .. } = shown else { panic!("asked for masked") };
        assert!(text.starts_with(masked) && text.len() == 16, "{text}");
        let short = with_check_digit("3056930902590");
        let refused = tokenize_one(vault, &caller, card_for(name, &short)).await.err();
        assert_eq!(refused, Some(VaultError::CardNumber(PanError::ShorterThanProfile(15))));
    }
}

/// Beside a truncated number a fingerprint is as good as a deterministic token.
#[tokio::test]
async fn a_fingerprint_is_left_out_where_few_numbers_are_left() {
    let world = World::open().await;
    let caller = call("acme", "tokenizer");
    for (number, shown) in [
        (card_number(1), true),
        ("378282246310005".to_owned(), true),
        (with_check_digit("3056930902590"), false),
        (with_check_digit("63040000000"), false),
    ] {
        let made = tokenize_one(&world.vault, &caller, card(&number)).await.unwrap();
        assert_eq!(made.token.fingerprint.is_some(), shown, "{} digits", number.len());
    }
}
