//! What only the inside of the store can provoke.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Batch, BundleRow, CommitError, StoreError};
use strongroom_domain::Timestamp;

use super::rows::command;
use super::{SqliteConfig, SqliteStore};

#[tokio::test]
async fn a_read_only_file_is_unavailable_and_the_store_recovers() {
    let (_folder, store) = opened().await;
    store.commit(&batch(0)).await.unwrap();
    let refusal = StoreError::Unavailable("the file is read-only");
    make_writer_read_only(&store).await;
    assert_eq!(store.commit(&batch(1)).await, Err(CommitError::NotWritten(refusal)));
    // The connection that failed is gone; the next one finds the file as it should be.
    store.commit(&batch(1)).await.unwrap();
    make_writer_read_only(&store).await;
    assert_eq!(store.forget_answers(Timestamp::from_unix_millis(0), 1).await, Err(refusal));
    store.forget_answers(Timestamp::from_unix_millis(0), 1).await.unwrap();
    assert_eq!(store.stream_head("node").await.unwrap().unwrap().size, 2);
}

#[tokio::test]
async fn a_commit_that_was_cut_off_is_rolled_back() {
    let (_folder, store) = opened().await;
    let mut turn = store.writer.take().await.unwrap();
    command(&mut turn.connection, "BEGIN IMMEDIATE").await.unwrap();
    command(&mut turn.connection, "INSERT INTO audit_streams (stream) VALUES ('cut off')").await.unwrap();
    drop(turn);
    assert_eq!(store.streams().await, Ok(vec![]));
    store.commit(&batch(0)).await.unwrap();
    assert_eq!(store.streams().await, Ok(vec!["node".to_owned()]));
}

#[tokio::test]
async fn readers_cannot_write() {
    let (_folder, store) = opened().await;
    let mut reader = store.reader().await.unwrap();
    let refusal = command(&mut reader, "DELETE FROM audit_streams").await;
    assert_eq!(refusal, Err(StoreError::Unavailable("the file is read-only")));
}

#[tokio::test]
async fn the_writer_waits_for_the_disk_and_overwrites_what_it_erases() {
    let (_folder, store) = opened().await;
    let mut turn = store.writer.take().await.unwrap();
    for (pragma, expected) in [
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous", "2"),
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA secure_delete", "1"),
        ("PRAGMA temp_store", "2"),
    ] {
        let rows = sqlx::raw_sql(pragma).fetch_all(&mut turn.connection).await.unwrap();
        let value = sqlx::Row::try_get_unchecked::<String, _>(rows.first().unwrap(), 0).unwrap();
        assert_eq!(value, expected, "{pragma}");
    }
}

async fn opened() -> (tempfile::TempDir, SqliteStore) {
    let private = Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new().permissions(private).tempdir().unwrap();
    let store = SqliteStore::open(&SqliteConfig::at(folder.path().join("vault.db"))).await.unwrap();
    (folder, store)
}

/// SQLite then refuses every write as it does on a read-only file, with the same code.
async fn make_writer_read_only(store: &SqliteStore) {
    let mut turn = store.writer.take().await.unwrap();
    command(&mut turn.connection, "PRAGMA query_only = ON").await.unwrap();
    turn.give_back();
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
