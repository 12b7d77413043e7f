//! Tokens asked for that are not there: too many end the answers, for whoever asked and for nobody else. What is not there
//! and what is not the caller's cannot be told apart.

use std::time::Duration;

use strongroom_core::VaultError;
use strongroom_domain::{Reveal, Token, VelocityLimits};

use crate::asking::{card, card_number, detokenization, detokenize, reveal, token_for, tokenize_one};
use crate::world::{World, call, service};

/// A world in which acme's identities may miss five tokens a minute.
async fn five_misses() -> World {
    let world = World::open().await;
    let admin = call("acme", "identity-admin");
    for name in ["detokenizer", "tokenizer"] {
        let limits = VelocityLimits::parse("miss=5/60").unwrap();
        world.vault.set_velocity_limits(&admin, &service(name), limits).await.unwrap();
    }
    world
}

/// Card-shaped: a checksum of its own gives no guess away.
fn guess(number: u64) -> Token {
    Token::parse(&format!("{:016}", 90_000_000_000 + number)).unwrap()
}

fn is_refused<T>(result: &Result<T, VaultError>) -> bool {
    matches!(result, Err(VaultError::VelocityExceeded { .. }))
}

#[tokio::test(start_paused = true)]
async fn after_too_many_misses_nothing_is_looked_up_any_more() {
    let world = five_misses().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    for number in 0..5 {
        let caller = call("acme", "detokenizer");
        let missed = match number % 2 {
            0 => world.vault.get_token(&caller, &guess(number)).await.err(),
            _ => reveal(&world.vault, &guess(number)).await.err(),
        };
        assert_eq!(missed, Some(VaultError::NotFound));
    }
    assert!(reveal(&world.vault, &token).await.is_ok());
    let caller = call("acme", "detokenizer");
    let sixth = detokenize(&world.vault, &caller, &guess(6), Reveal::Full).await;
    assert!(is_refused(&sixth));
    // Or whoever guesses would go on, and take what is answered for a hit.
    let hit = reveal(&world.vault, &token).await;
    assert!(is_refused(&hit));
    assert!(is_refused(&world.vault.get_token(&call("acme", "detokenizer"), &token).await));
    // Others go on.
    let other = call("acme", "tokenizer");
    assert!(world.vault.get_token(&other, &token).await.is_ok());
    assert_eq!(world.vault.delete_token(&other, &guess(1)).await, Err(VaultError::NotFound));

    let records = world.records_of(&caller).await;
    let seen: Vec<_> =
        records.iter().map(|record| (record.action.as_str(), record.outcome.as_str())).collect();
    assert_eq!(seen, [("token.detokenize", "velocity_exceeded"), ("alarm.raised", "miss_velocity_exceeded")]);

    tokio::time::advance(Duration::from_secs(91)).await;
    assert!(reveal(&world.vault, &token).await.is_ok());
}

#[tokio::test]
async fn a_batch_of_guesses_is_answered_no_further_than_the_limit() {
    let world = five_misses().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let guesses: Vec<Token> = (0..20).map(guess).collect();
    let mut tokens: Vec<&Token> = guesses.iter().collect();
    tokens.insert(3, &token);
    tokens.insert(10, &token);
    let caller = call("acme", "detokenizer");
    let answers = world.vault.detokenize(&caller, &detokenization(&tokens, Reveal::Full)).await.unwrap();
    let codes: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().err().map_or("success", VaultError::code)).collect();
    assert_eq!(codes[..6], ["not_found", "not_found", "not_found", "success", "not_found", "not_found"]);
    assert!(codes[6..].iter().all(|code| *code == "velocity_exceeded"), "{codes:?}");
    let alarms: Vec<_> = world
        .records_of(&caller)
        .await
        .into_iter()
        .filter(|record| record.action == "alarm.raised")
        .collect();
    assert_eq!(alarms.len(), 1);
    assert_eq!(alarms[0].count, 16);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_not_ones_own_and_deleted_take_the_same_work_and_get_the_same_answer() {
    let world = World::open().await;
    let theirs = tokenize_one(&world.vault, &call("globex", "tokenizer"), card(&card_number(1))).await;
    let theirs = theirs.unwrap().token.token;
    let deleted = token_for(&world.vault, card(&card_number(2))).await;
    world.vault.delete_token(&call("acme", "tokenizer"), &deleted).await.unwrap();
    // Of the same length and with a right checksum, never given out.
    let unknown = strongroom_crypto::token_v1::from_random([7; 17]);

    // So many misses are then at hand that no more have to be taken on the way: when that is depends on how many there
    // were, and not on what was asked for.
    for _ in 0..33 {
        assert_eq!(reveal(&world.vault, &unknown).await.err(), Some(VaultError::NotFound));
    }
    let mut seen = Vec::new();
    for token in [&unknown, &theirs, &deleted] {
        for reveal in [Reveal::Full, Reveal::Masked] {
            let caller = call("acme", "detokenizer");
            let before = world.store.calls();
            let answer = detokenize(&world.vault, &caller, token, reveal).await.err();
            assert_eq!(answer, Some(VaultError::NotFound));
            let got = world.vault.get_token(&caller, token).await;
            assert_eq!(got, Err(VaultError::NotFound));
            seen.push(world.store.calls_since(before));
        }
    }
    assert!(!seen[0].is_empty());
    assert!(seen.iter().all(|calls| *calls == seen[0]), "{seen:?}");
}
