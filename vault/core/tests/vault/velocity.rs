//! How fast values leave: never faster than an identity's limit, whatever nodes, clocks and crashes do.

use std::sync::Arc;
use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::VelocityRow;
use strongroom_core::{DetokenizeRequest, RevealedValue, Vault, VaultError};
use strongroom_domain::{DetokenizationPurpose, KeyPurpose, Reveal, Token, VelocityCounter, VelocityLimits};
use tokio::task::JoinSet;

use crate::asking::{
    card, card_number, create_key, create_key_for, decrypt, detokenization, detokenize, encrypt, field,
    reveal, sealed, search_card, token_for, tokenize_one,
};
use crate::world::{World, call, service, settings, tenant};

const HOUR: Duration = Duration::from_secs(3600);

/// Bounds what acme's service may do.
async fn limit(vault: &Vault, name: &str, limits: &str) {
    let admin = call("acme", "identity-admin");
    let limits = VelocityLimits::parse(limits).unwrap();
    vault.set_velocity_limits(&admin, &service(name), limits).await.unwrap();
}

/// A world in which acme's detokenizer may reveal ten values an hour, for each purpose; and a token.
async fn ten_an_hour() -> (World, Token) {
    let world = World::open().await;
    limit(&world.vault, "detokenizer", "reveal=10/3600").await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    (world, token)
}

/// How many of so many tries are answered.
async fn answered(vault: &Vault, token: &Token, tries: u32) -> u32 {
    let mut answered = 0;
    for _ in 0..tries {
        match reveal(vault, token).await {
            Ok(_) => answered += 1,
            Err(error) => assert_eq!(error.code(), "velocity_exceeded"),
        }
    }
    answered
}

fn retry_after(refusal: Option<VaultError>) -> u64 {
    match refusal {
        Some(VaultError::VelocityExceeded { retry_after_seconds, .. }) => retry_after_seconds,
        other => panic!("{other:?}"),
    }
}

async fn count(world: &World, counter: VelocityCounter) -> VelocityRow {
    let (acme, detokenizer) = (tenant("acme"), service("detokenizer"));
    world.store.memory.find_velocity(&acme, &detokenizer, counter).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_limit_can_be_used_up_and_frees_when_the_window_has_passed() {
    let (world, token) = ten_an_hour().await;
    assert_eq!(answered(&world.vault, &token, 15).await, 10);
    let wait = retry_after(reveal(&world.vault, &token).await.err());
    assert!((3600..=5400).contains(&wait), "{wait}");
    tokio::time::advance(Duration::from_secs(wait - 2)).await;
    assert_eq!(answered(&world.vault, &token, 2).await, 0);
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(answered(&world.vault, &token, 15).await, 10);
}

#[tokio::test(start_paused = true)]
async fn setting_the_clock_opens_no_window_and_keeps_none_shut() {
    let (world, token) = ten_an_hour().await;
    assert_eq!(answered(&world.vault, &token, 15).await, 10);
    // Forward, by a day: nothing passed.
    world.clock.advance(24 * HOUR);
    assert_eq!(answered(&world.vault, &token, 2).await, 0);
    let other = world.start(settings("node-2")).await.unwrap();
    drop(other);
    // Back, by two: what passes still passes.
    world.clock.set_back(48 * HOUR);
    assert_eq!(answered(&world.vault, &token, 2).await, 0);
    tokio::time::advance(2 * HOUR).await;
    assert_eq!(answered(&world.vault, &token, 15).await, 10);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_starts_with_its_clock_set_back_goes_on_from_the_latest_time_that_is_written() {
    let (world, token) = ten_an_hour().await;
    assert_eq!(answered(&world.vault, &token, 15).await, 10);
    world.clock.set_back(48 * HOUR);
    let back = world.start(settings("node-2")).await.unwrap();
    assert_eq!(answered(&back, &token, 2).await, 0);
    tokio::time::advance(2 * HOUR).await;
    assert_eq!(answered(&back, &token, 15).await, 10);
    // And one that started with its clock ahead, and was then put right, holds nobody up for longer than the window.
    world.clock.advance(1000 * HOUR);
    let ahead = world.start(settings("node-3")).await.unwrap();
    assert_eq!(answered(&ahead, &token, 15).await, 10);
    world.clock.set_back(1000 * HOUR);
    let right = world.start(settings("node-4")).await.unwrap();
    assert_eq!(answered(&right, &token, 2).await, 0);
    tokio::time::advance(2 * HOUR).await;
    assert_eq!(answered(&right, &token, 15).await, 10);
}

#[tokio::test(start_paused = true)]
async fn nodes_share_a_limit_and_can_use_it_up_between_them() {
    let world = World::open().await;
    limit(&world.vault, "detokenizer", "reveal=200/3600").await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let other = world.start(settings("node-2")).await.unwrap();
    let mut used = [0, 0];
    for round in 0..150 {
        // One is asked twice as often.
        used[0] += answered(&world.vault, &token, 1 + round % 3).await;
        used[1] += answered(&other, &token, 1).await;
    }
    assert_eq!(used[0] + used[1], 200, "{used:?}");
    assert!(used[1] > 40, "{used:?}");
    // And it was not one write a value: most were given out from memory.
    assert!(
        count(&world, VelocityCounter::reveal(DetokenizationPurpose::Authorisation)).await.row_version < 100
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_node_held_when_it_died_counts_as_used() {
    let world = World::open().await;
    limit(&world.vault, "detokenizer", "reveal=100/3600").await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let mut used = 0;
    // Seven lives, each ended without a word after a few values.
    for life in 2..9 {
        let vault = world.start(settings(&format!("node-{life}"))).await.unwrap();
        used += answered(&vault, &token, 7).await;
        drop(vault);
    }
    let last = world.start(settings("node-9")).await.unwrap();
    used += answered(&last, &token, 200).await;
    assert!(used <= 100, "{used}");
    assert!(used >= 75, "little is lost with a node: {used}");
}

#[tokio::test]
async fn many_callers_at_once_get_no_more() {
    let world = World::open().await;
    limit(&world.vault, "detokenizer", "reveal=100/3600").await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let other = world.start(settings("node-2")).await.unwrap();
    let mut callers = JoinSet::new();
    for caller in 0..300 {
        let (vault, token) =
            (if caller % 2 == 0 { world.vault.clone() } else { other.clone() }, token.clone());
        callers.spawn(async move { reveal(&vault, &token).await.is_ok() });
    }
    let answered = callers.join_all().await.into_iter().filter(|answered| *answered).count();
    assert_eq!(answered, 100);
}

#[tokio::test]
async fn items_count_and_a_batch_is_answered_whole_or_not_at_all() {
    let (world, token) = ten_an_hour().await;
    let batch = |size| detokenization(&vec![&token; size], Reveal::Full);
    let ask = async |size| world.vault.detokenize(&call("acme", "detokenizer"), &batch(size)).await;
    assert_eq!(ask(8).await.unwrap().len(), 8);
    let caller = call("acme", "detokenizer");
    let refusal = world.vault.detokenize(&caller, &batch(3)).await.err();
    assert!(retry_after(refusal) > 3000);
    // More than ever fits is refused too, and not for ever in vain: it says so with the same code.
    assert!(retry_after(ask(11).await.err()) > 0);
    assert_eq!(ask(2).await.unwrap().len(), 2);
    assert!(ask(1).await.is_err());

    let records = world.records_of(&caller).await;
    let seen: Vec<_> =
        records.iter().map(|record| (record.action.as_str(), record.outcome.as_str())).collect();
    assert_eq!(
        seen,
        [("token.detokenize", "velocity_exceeded"), ("alarm.raised", "reveal_velocity_exceeded")]
    );
    assert_eq!(records[0].count, 3);
    assert_eq!(records[1].object.as_deref(), Some("reveal/authorisation"));
}

#[tokio::test]
async fn what_is_not_given_out_is_not_counted() {
    let (world, token) = ten_an_hour().await;
    let caller = || call("acme", "detokenizer");
    // Masked: no value leaves.
    for _ in 0..15 {
        let masked = detokenize(&world.vault, &caller(), &token, Reveal::Masked).await;
        assert!(matches!(masked, Ok(RevealedValue::Masked { .. })));
    }
    // Not there; not on record.
    let unknown = Token::parse("0000009876541111").unwrap();
    for _ in 0..15 {
        assert_eq!(reveal(&world.vault, &unknown).await.err(), Some(VaultError::NotFound));
    }
    world.fail_commits(true);
    for _ in 0..15 {
        assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::AuditUnavailable));
    }
    world.fail_commits(false);
    assert_eq!(answered(&world.vault, &token, 15).await, 10);
}

#[tokio::test]
async fn purposes_identities_and_tenants_have_counts_of_their_own() {
    let (world, token) = ten_an_hour().await;
    assert_eq!(answered(&world.vault, &token, 11).await, 10);
    let refund = DetokenizeRequest {
        purpose: DetokenizationPurpose::Refund,
        ..detokenization(&[&token], Reveal::Full)
    };
    assert!(world.vault.detokenize(&call("acme", "detokenizer"), &refund).await.unwrap()[0].is_ok());
    let tokenizer = call("globex", "tokenizer");
    let theirs = tokenize_one(&world.vault, &tokenizer, card(&card_number(1))).await.unwrap().token.token;
    assert!(detokenize(&world.vault, &call("globex", "detokenizer"), &theirs, Reveal::Full).await.is_ok());
}

#[tokio::test]
async fn limits_change_at_the_next_request_and_free_nothing() {
    let (world, token) = ten_an_hour().await;
    assert_eq!(answered(&world.vault, &token, 11).await, 10);
    limit(&world.vault, "detokenizer", "reveal=10/60").await;
    assert_eq!(answered(&world.vault, &token, 1).await, 0);
    limit(&world.vault, "detokenizer", "reveal=12/3600").await;
    assert_eq!(answered(&world.vault, &token, 5).await, 2);
    limit(&world.vault, "detokenizer", "").await;
    assert_eq!(answered(&world.vault, &token, 50).await, 50);
    let admin = call("acme", "identity-admin");
    let view = world.vault.get_velocity_limits(&admin, &service("detokenizer")).await.unwrap();
    assert_eq!(view.limits, VelocityLimits::NONE);
    let nobody = world.vault.get_velocity_limits(&admin, &service("nobody")).await;
    assert_eq!(nobody.err(), Some(VaultError::NotFound));
    // They are part of the registry, and outlive the node.
    limit(&world.vault, "detokenizer", "reveal=1/3600").await;
    let again = world.start(settings("node-2")).await.unwrap();
    assert_eq!(answered(&again, &token, 1).await, 0);
    assert!(world.records().await.iter().any(|record| record.action == "velocity-limits.set"
        && record.object.as_deref() == Some("detokenizer: reveal=12/3600")));
}

#[tokio::test]
async fn opened_fields_and_searches_are_counted() {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    limit(&world.vault, "decryptor", "decrypt=3/3600").await;
    limit(&world.vault, "tokenizer", "search=2/3600").await;
    let field = encrypt(&world.vault, "notes", field("a note", "note")).await.unwrap();
    let open = async || decrypt(&world.vault, "notes", sealed(&field.ciphertext, "note")).await.err();
    let elsewhere = sealed(&field.ciphertext, "elsewhere");
    assert_eq!(decrypt(&world.vault, "notes", elsewhere).await.err(), Some(VaultError::ContextMismatch));
    for _ in 0..3 {
        assert_eq!(open().await, None);
    }
    assert!(retry_after(open().await) > 0);

    // Whether it finds something or not: to know that there is nothing is what whoever tries them all is after.
    for number in [1, 2] {
        assert!(
            search_card(&world.vault, &call("acme", "tokenizer"), &card_number(number), "default")
                .await
                .is_ok()
        );
    }
    let third = search_card(&world.vault, &call("acme", "tokenizer"), &card_number(3), "default").await;
    assert!(retry_after(third.err()) > 0);
}

#[tokio::test]
async fn looking_up_what_one_may_encrypt_is_not_a_search() {
    let world = World::open().await;
    create_key_for(&world.vault, "mails", KeyPurpose::DeterministicEncryption).await.unwrap();
    limit(&world.vault, "encryptor", "search=1/3600").await;
    for _ in 0..5 {
        let caller = call("acme", "encryptor");
        let looked =
            world.vault.lookup(&caller, &crate::asking::key_name("mails"), &[field("a@b.c", "mail")]).await;
        assert!(looked.unwrap()[0].is_ok());
    }
}

/// A database administrator in league with an insider.
#[tokio::test]
async fn a_count_that_was_altered_or_turned_back_is_not_believed() {
    let (world, token) = ten_an_hour().await;
    assert_eq!(answered(&world.vault, &token, 4).await, 4);
    let counter = VelocityCounter::reveal(DetokenizationPurpose::Authorisation);
    let genuine = count(&world, counter).await;
    let emptied = VelocityRow { current: 0, row_version: genuine.row_version + 1, ..genuine.clone() };
    assert_eq!(world.store.memory.put_velocity(&emptied).await, Ok(true));
    // By a node that has not seen it before, and by the one that wrote it.
    let other = world.start(settings("node-2")).await.unwrap();
    assert_eq!(reveal(&other, &token).await.err(), Some(VaultError::IntegrityFailure));
    let mut outcomes = Vec::new();
    for _ in 0..10 {
        outcomes.push(reveal(&world.vault, &token).await.err());
    }
    assert!(outcomes.contains(&Some(VaultError::IntegrityFailure)));
    assert!(outcomes.iter().filter(|outcome| outcome.is_none()).count() <= 6, "{outcomes:?}");
}

#[tokio::test]
async fn without_the_store_nothing_is_given_out_beyond_what_was_taken() {
    let (world, token) = ten_an_hour().await;
    let vault = Arc::new(world.vault.clone());
    assert_eq!(answered(&vault, &token, 1).await, 1);
    world.store.fail_counts(true);
    assert_eq!(reveal(&vault, &token).await.err(), Some(VaultError::StoreUnavailable));
    world.store.fail_counts(false);
    assert_eq!(answered(&vault, &token, 15).await, 9);
}
