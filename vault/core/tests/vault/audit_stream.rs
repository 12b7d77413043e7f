//! One writer a stream, from where the last one stopped, and never from before.

use strongroom_core::ports::Store;
use strongroom_core::{Settings, StartError, VaultError};

use crate::asking::{card, card_number, first, token_for, tokenize_one};
use crate::world::{NODE, STREAM, World, call, settings};

#[tokio::test]
async fn a_node_goes_on_where_it_stopped() {
    let world = World::open().await;
    token_for(&world.vault, card(&card_number(1))).await;
    world.vault.clone().close().await.unwrap();
    let again = world.start(settings(NODE)).await.unwrap();
    token_for(&again, card(&card_number(2))).await;
    let records = world.records().await;
    let sequences: Vec<_> = records.iter().map(|record| record.sequence).collect();
    assert_eq!(sequences, (0..records.len() as u64).collect::<Vec<_>>());
    let actions: Vec<_> = records.iter().map(|record| record.action.as_str()).collect();
    let ends = ["node.start", "token.create", "node.stop", "node.start", "token.create"];
    assert_eq!(actions[actions.len() - 5..], ends);
    assert!(world.vault.clone().close().await.is_err(), "what was closed writes no more");
}

#[tokio::test]
async fn a_node_whose_stream_another_process_continued_refuses_everything() {
    let world = World::open().await;
    let successor = world.start(settings(NODE)).await.unwrap();
    let written = world.records().await;
    let refused = tokenize_one(&world.vault, &call("acme", "tokenizer"), card(&card_number(1))).await.err();
    assert_eq!(refused, Some(VaultError::AuditUnavailable));
    let readiness = world.vault.readiness().await;
    assert!(!readiness.audit && !readiness.is_ready());
    assert_eq!(world.records().await, written);
    token_for(&successor, card(&card_number(1))).await;
    let refused = world.vault.list_tokens(&call("acme", "tokenizer"), &first(1)).await.err();
    assert_eq!(refused, Some(VaultError::AuditUnavailable));
    assert!(successor.readiness().await.is_ready());
}

#[tokio::test]
async fn a_stream_shorter_than_its_last_checkpoint_is_refused_at_the_start() {
    let world = World::open().await;
    let early = world.store.stream_head(STREAM).await.unwrap().unwrap();
    token_for(&world.vault, card(&card_number(1))).await;
    world.vault.clone().close().await.unwrap();
    let written = world.records().await;
    world.store.tamper_head(early);
    let refusal = world.start(settings(NODE)).await.err();
    assert!(matches!(refusal, Some(StartError::AuditRolledBack)), "{refusal:?}");
    assert_eq!(world.records().await, written);
    world.store.stop_tampering();
    assert!(world.start(settings(NODE)).await.is_ok());
}

#[tokio::test]
async fn a_rewritten_stream_is_refused_at_the_start() {
    let world = World::open().await;
    let other = World::open().await;
    token_for(&world.vault, card(&card_number(1))).await;
    // As many records, another history.
    tokenize_one(&other.vault, &call("acme", "auditor"), card(&card_number(1))).await.unwrap_err();
    for vault in [&world.vault, &other.vault] {
        vault.clone().close().await.unwrap();
    }
    let mut head = other.store.stream_head(STREAM).await.unwrap().unwrap();
    assert_eq!(Some(head.size), world.store.stream_head(STREAM).await.unwrap().map(|head| head.size));
    world.store.tamper_head(head.clone());
    let refusal = world.start(settings(NODE)).await.err();
    assert!(matches!(refusal, Some(StartError::AuditRolledBack)), "{refusal:?}");
    head.range.pop();
    world.store.tamper_head(head);
    assert!(matches!(world.start(settings(NODE)).await.err(), Some(StartError::Store(_))));
}

#[tokio::test]
async fn a_restored_node_begins_a_stream_of_its_own() {
    let world = World::open().await;
    world.vault.clone().close().await.unwrap();
    let restored = Settings { stream_epoch: 2, ..settings(NODE) };
    let vault = world.start(restored).await.unwrap();
    token_for(&vault, card(&card_number(1))).await;
    let status = vault.status(&call("platform", "operator")).await.unwrap();
    // The start and the token; the status itself is written after it was worked out.
    let streams: Vec<_> = status.streams.iter().map(|stream| (stream.stream.as_str(), stream.size)).collect();
    assert_eq!(streams, [("node-1.2", 2)]);
    assert_eq!(world.store.streams().await.unwrap(), [STREAM, "node-1.2"]);
}
