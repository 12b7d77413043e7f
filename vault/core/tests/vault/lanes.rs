//! Several commits side by side, each lane on a stream of its own.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{CommitError, StoreError};
use strongroom_core::{Settings, VaultError};

use crate::asking::{card, card_number, first, token_for, tokenize_one};
use crate::world::{World, call, let_others_run, records_in, settings};

fn with_lanes(commit_lanes: u32) -> Settings {
    Settings { commit_lanes, ..settings("node-2") }
}

#[tokio::test]
async fn each_lane_writes_a_stream_of_its_own_and_all_are_signed() {
    let world = World::open().await;
    let vault = world.start(with_lanes(3)).await.unwrap();
    let mut asked = Vec::new();
    for index in 0..60 {
        let vault = vault.clone();
        asked.push(tokio::spawn(async move { token_for(&vault, card(&card_number(index))).await }));
    }
    for answer in asked {
        answer.await.unwrap();
    }
    let notes = vault.latest_checkpoints(&call("platform", "auditor")).await.unwrap();
    let mut signed: Vec<_> = notes.iter().map(|note| (note.stream.as_str(), note.size)).collect();
    signed.retain(|(stream, _)| stream.starts_with("node-2"));
    let mut records = 0;
    for (stream, size) in &signed {
        let bundles = world.store.read_bundles(stream, 0, u32::MAX).await.unwrap();
        let sequences: Vec<u64> = bundles.iter().flat_map(records_in).map(|record| record.sequence).collect();
        assert_eq!(sequences, (0..*size).collect::<Vec<_>>(), "{stream}");
        records += size;
    }
    // The start, sixty tokens, the question for checkpoints.
    assert_eq!(records, 62);
    assert!(signed.iter().all(|(stream, _)| ["node-2.1", "node-2.1.2", "node-2.1.3"].contains(stream)));
}

#[tokio::test]
async fn a_lane_in_doubt_leaves_the_work_to_the_others() {
    let world = World::open().await;
    let vault = world.start(with_lanes(2)).await.unwrap();
    world.store.memory.lose_next_commit_answer();
    world.store.memory.fail_reads(Some(StoreError::Unavailable("told to fail")));
    let in_doubt = {
        let vault = vault.clone();
        tokio::spawn(async move { vault.list_tokens(&call("acme", "tokenizer"), &first(1)).await })
    };
    let_others_run().await;
    // The refusal of a read is a record, which the other lane writes.
    let refused = vault.list_tokens(&call("acme", "tokenizer"), &first(1)).await.err();
    assert_eq!(refused, Some(VaultError::StoreUnavailable));
    world.store.memory.fail_reads(None);
    let _ = in_doubt.await.unwrap();
    token_for(&vault, card(&card_number(1))).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_patience_for_a_database_that_says_nothing() {
    let world = World::open().await;
    let held = world.store.hold_commits().await;
    let caller = call("acme", "tokenizer");
    let began = tokio::time::Instant::now();
    let taken_up = {
        let (vault, caller) = (world.vault.clone(), caller.clone());
        tokio::spawn(async move { tokenize_one(&vault, &caller, card(&card_number(1))).await })
    };
    let_others_run().await;
    let queued = call("acme", "tokenizer");
    let refused = tokenize_one(&world.vault, &queued, card(&card_number(2))).await.err();
    assert_eq!(refused, Some(VaultError::AuditUnavailable));
    assert_eq!(taken_up.await.unwrap().err(), Some(VaultError::AuditUnavailable));
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    drop(held);
    token_for(&world.vault, card(&card_number(3))).await;
    assert_eq!(world.records_of(&caller).await.len(), 1, "the database had it, and wrote it");
    assert_eq!(world.records_of(&queued).await.len(), 0, "this one never got there");
}

#[tokio::test]
async fn a_commit_that_is_never_answered_is_given_again_and_written_once() {
    let world = World::open().await;
    let error = StoreError::Unavailable("no answer");
    world.store.memory.fail_commits(Some(CommitError::InDoubt(error)));
    let caller = call("acme", "tokenizer");
    let waiting = {
        let (vault, caller) = (world.vault.clone(), caller.clone());
        tokio::spawn(async move { tokenize_one(&vault, &caller, card(&card_number(1))).await })
    };
    tokio::time::sleep(Duration::from_millis(40)).await;
    assert!(!waiting.is_finished());
    let turned_away = world.vault.list_tokens(&call("acme", "tokenizer"), &first(1)).await.err();
    assert_eq!(turned_away, Some(VaultError::AuditUnavailable), "at once, while nothing can be written");
    assert!(!world.vault.readiness().await.audit);
    // Not this attempt; but the first is still in doubt.
    world.store.memory.fail_commits(Some(CommitError::NotWritten(error)));
    tokio::time::sleep(Duration::from_millis(40)).await;
    assert!(!waiting.is_finished());
    world.store.memory.fail_commits(None);
    assert!(waiting.await.unwrap().is_ok());
    assert!(world.vault.readiness().await.audit);
    assert_eq!(world.records_of(&caller).await.len(), 1);
    assert_eq!(world.store.tokens_written(), 1);
}
