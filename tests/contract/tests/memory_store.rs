//! The store in memory keeps every promise of a store, and fails when it is told to.

use std::sync::Arc;

use strongroom_contract::MemoryStore;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Batch, BundleRow, CommitError, StoreError};
use strongroom_domain::Timestamp;

#[tokio::test]
async fn keeps_the_contract() {
    strongroom_contract::store::run_all(|| async { Arc::new(MemoryStore::new()) as Arc<dyn Store> }).await;
}

#[tokio::test]
async fn commits_fail_until_told_otherwise() {
    let store = MemoryStore::new();
    let away = StoreError::Unavailable("gone fishing");
    store.fail_commits(Some(CommitError::NotWritten(away)));
    for _ in 0..2 {
        assert_eq!(store.commit(&batch(0)).await, Err(CommitError::NotWritten(away)));
    }
    assert_eq!(store.check().await, Err(away));
    assert_eq!(store.stream_head("node").await, Ok(None));
    store.fail_commits(None);
    assert_eq!(store.commit(&batch(0)).await, Ok(()));
    assert_eq!(store.commits_written(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_a_commit_that_was_written() {
    let store = MemoryStore::new();
    store.lose_next_commit_answer();
    assert!(matches!(store.commit(&batch(0)).await, Err(CommitError::InDoubt(StoreError::Unavailable(_)))));
    assert_eq!(store.stream_head("node").await.unwrap().unwrap().size, 1);
    assert_eq!(store.commit(&batch(0)).await, Err(CommitError::Fenced));
    assert_eq!(store.commit(&batch(1)).await, Ok(()));
}

#[tokio::test]
async fn reads_fail_until_told_otherwise() {
    let store = MemoryStore::new();
    let unreadable = StoreError::Unreadable("token");
    store.fail_reads(Some(unreadable));
    assert_eq!(store.stream_head("node").await, Err(unreadable));
    assert_eq!(store.registry_epoch().await, Err(unreadable));
    assert_eq!(store.commit(&batch(0)).await, Ok(()));
    store.fail_reads(None);
    assert_eq!(store.stream_head("node").await.unwrap().unwrap().size, 1);
}

fn batch(first_sequence: u64) -> Batch {
    let bundle = BundleRow {
        stream: "node".to_owned(),
        first_sequence,
        count: 1,
        events: vec![],
        root: [0; 32],
        range: vec![],
        created_at: Timestamp::from_unix_millis(1),
    };
    Batch { units: vec![], bundle }
}
