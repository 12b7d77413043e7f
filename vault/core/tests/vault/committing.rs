//! Many requests, few transactions.

use strongroom_core::ports::Store;
use strongroom_core::{DetokenizeRequest, VaultError};
use strongroom_domain::{Reveal, VelocityLimits};
use tokio::task::JoinSet;

use crate::asking::{
    card, card_for, card_number, create_profile, detokenization, profile, token_for, tokenize_one,
};
use crate::world::{STREAM, World, call, let_others_run, service};

#[tokio::test]
async fn what_queues_up_during_a_commit_becomes_the_next_one() {
    const REQUESTS: u64 = 300;
    let world = World::open().await;
    // The key is at hand, so that nobody waits for anything but the commit.
    token_for(&world.vault, card(&card_number(REQUESTS))).await;
    let before = world.store.commits();
    let held = world.store.hold_commits().await;
    let mut running = JoinSet::new();
    for index in 0..REQUESTS {
        let vault = world.vault.clone();
        running.spawn(async move {
            tokenize_one(&vault, &call("acme", "tokenizer"), card(&card_number(index))).await.is_ok()
        });
    }
    let_others_run().await;
    drop(held);
    assert!(running.join_all().await.into_iter().all(|ok| ok));
    let commits = world.store.commits() - before;
    assert!(commits <= 3, "{commits} transactions for {REQUESTS} requests");
    let tokenizations = world.records().await.iter().filter(|record| record.action == "token.create").count();
    assert_eq!(tokenizations as u64, REQUESTS + 1);
}

#[tokio::test]
async fn a_unit_that_conflicts_does_not_hold_up_its_neighbours() {
    let world = World::open().await;
    let deterministic =
        strongroom_domain::TokenProfile { reuse: strongroom_domain::Reuse::Deterministic, ..profile("same") };
    create_profile(&world.vault, deterministic).await.unwrap();
    token_for(&world.vault, card(&card_number(100))).await;
    let held = world.store.hold_commits().await;
    let mut running = JoinSet::new();
    for index in 0..40 {
        let vault = world.vault.clone();
        // Every other one is the same card, so all but one of these meet a row that exists.
        let item = if index % 2 == 0 { card_for("same", &card_number(1)) } else { card(&card_number(index)) };
        running.spawn(async move { tokenize_one(&vault, &call("acme", "tokenizer"), item).await });
    }
    let_others_run().await;
    drop(held);
    let outcomes = running.join_all().await;
    let created = outcomes.iter().flatten().filter(|token| token.created).count();
    assert_eq!((outcomes.len(), created), (40, 21));
    assert!(outcomes.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_bundle_stays_small_enough_to_be_read_again() {
    const MOST: u32 = 20_000;
    let world = World::open().await;
    // They ask for what is not there, as often as it takes.
    let limits = VelocityLimits::parse("miss=1000000/60").unwrap();
    let admin = call("acme", "identity-admin");
    world.vault.set_velocity_limits(&admin, &service("detokenizer"), limits).await.unwrap();
    let held = world.store.hold_commits().await;
    let mut running = JoinSet::new();
    for _ in 0..50 {
        let vault = world.vault.clone();
        running.spawn(async move {
            let tokens = vec![Err(VaultError::NotFound); 1000];
            let request = DetokenizeRequest { tokens, ..detokenization(&[], Reveal::Masked) };
            vault.detokenize(&call("acme", "detokenizer"), &request).await.is_ok()
        });
    }
    let_others_run().await;
    drop(held);
    assert!(running.join_all().await.into_iter().all(|ok| ok));
    let bundles = world.store.read_bundles(STREAM, 0, u32::MAX).await.unwrap();
    let counts: Vec<u32> = bundles.iter().map(|bundle| bundle.count).collect();
    assert!(counts.iter().sum::<u32>() > 50_000);
    assert!(counts.iter().all(|count| *count <= MOST), "{counts:?}");
}
