//! What was committed stays.

use strongroom_core::ports::Store;
use strongroom_store::{SqliteConfig, SqliteStore};

use crate::samples::{batch, insert_token, private_folder, tenant, token};

#[tokio::test]
async fn commits_are_there_after_dropping_or_closing_the_store() {
    let folder = private_folder();
    let config = SqliteConfig::at(folder.path().join("vault.db"));
    for number in 0..4 {
        let store = SqliteStore::open(&config).await.unwrap();
        for earlier in 0..number {
            assert!(store.find_token(&tenant(), &token(earlier)).await.unwrap().is_some());
        }
        store.commit(&batch(number, vec![insert_token(number, b"sealed")])).await.unwrap();
        if number % 2 == 0 {
            store.close().await;
        }
    }
}

/// What a crash leaves behind is the file and its log at some moment. A copy of both, taken while the store is open and
/// nothing has been moved from the log to the file, holds every commit that was answered.
#[tokio::test]
async fn every_answered_commit_is_on_disk() {
    let folder = private_folder();
    let store = SqliteStore::open(&SqliteConfig::at(folder.path().join("vault.db"))).await.unwrap();
    for number in 0..20 {
        store.commit(&batch(number, vec![insert_token(number, b"sealed")])).await.unwrap();
    }
    let crashed = private_folder();
    for name in ["vault.db", "vault.db-wal"] {
        std::fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
    }
    let copy = SqliteStore::open(&SqliteConfig::at(crashed.path().join("vault.db"))).await.unwrap();
    let tokens: Vec<_> = (0..20).map(token).collect();
    assert_eq!(copy.find_tokens(&tenant(), &tokens).await.unwrap().len(), 20);
    assert_eq!(copy.stream_head("node").await.unwrap().unwrap().size, 20);
}

/// The same, cut at every place inside the log: some first part of the commits is there, and each of them whole.
#[tokio::test]
async fn a_torn_log_loses_whole_commits_from_the_end_only() {
    let folder = private_folder();
    let store = SqliteStore::open(&SqliteConfig::at(folder.path().join("vault.db"))).await.unwrap();
    store.settle().await.unwrap();
    for number in 0..6 {
        store.commit(&batch(number, vec![insert_token(number, &[7; 3000])])).await.unwrap();
    }
    let file = std::fs::read(folder.path().join("vault.db")).unwrap();
    let log = std::fs::read(folder.path().join("vault.db-wal")).unwrap();
    let mut sizes = Vec::new();
    for cut in (0..=log.len()).step_by(2048).chain([log.len()]) {
        let crashed = private_folder();
        let path = crashed.path().join("vault.db");
        private_file(&path, &file);
        private_file(&crashed.path().join("vault.db-wal"), &log[..cut]);
        let copy = SqliteStore::open(&SqliteConfig::at(path)).await.unwrap();
        let size = copy.stream_head("node").await.unwrap().map_or(0, |head| head.size);
        let tokens: Vec<_> = (0..6).map(token).collect();
        let mut found = copy.taken_tokens(&tenant(), &tokens).await.unwrap();
        found.sort();
        assert_eq!(found, (0..size).map(token).collect::<Vec<_>>());
        sizes.push(size);
    }
    assert!(sizes.is_sorted());
    assert_eq!((sizes.first(), sizes.last()), (Some(&0), Some(&6)));
}

fn private_file(path: &std::path::Path, content: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, content).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
