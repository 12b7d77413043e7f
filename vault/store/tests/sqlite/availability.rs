//! Full, locked, and available again.

use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{CommitError, StoreError};
use strongroom_store::{SqliteConfig, SqliteStore};

use crate::samples::{batch, insert_answer, insert_token, now, private_folder, tenant, token};

const FULL: CommitError = CommitError::NotWritten(StoreError::Unavailable("the disk or the file is full"));

#[tokio::test]
async fn a_full_file_refuses_commits_and_keeps_what_it_has() {
    let folder = private_folder();
    let path = folder.path().join("vault.db");
    let config = SqliteConfig { max_bytes: Some(1 << 20), ..SqliteConfig::at(&path) };
    let store = SqliteStore::open(&config).await.unwrap();
    let unit = |number| vec![insert_token(number, b"sealed"), insert_answer(number, vec![1; 20_000])];
    let mut written = 0;
    let refusal = loop {
        match store.commit(&batch(written, unit(written))).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refusal, FULL);
    assert!((10..60).contains(&written));
    assert_eq!(store.commit(&batch(written, unit(written))).await, Err(FULL));
    assert_eq!(store.find_token(&tenant(), &token(written)).await.unwrap(), None);
    assert_eq!(store.stream_head("node").await.unwrap().unwrap().size, written);

    // Housekeeping makes room in the same store.
    let later = now().plus(Duration::from_secs(1));
    assert_eq!(store.forget_answers(later, 5).await.unwrap(), 5);
    store.commit(&batch(written, unit(written))).await.unwrap();
    store.close().await;

    // And so does a greater limit.
    let store = SqliteStore::open(&SqliteConfig::at(&path)).await.unwrap();
    for number in written + 1..written + 20 {
        store.commit(&batch(number, unit(number))).await.unwrap();
    }
    let tokens: Vec<_> = (0..written + 20).map(token).collect();
    assert_eq!(store.taken_tokens(&tenant(), &tokens).await.unwrap().len(), tokens.len());
}

#[tokio::test]
async fn a_locked_file_is_unavailable_until_it_is_free() {
    let folder = private_folder();
    let path = folder.path().join("vault.db");
    let config = SqliteConfig { busy_timeout: Duration::from_millis(50), ..SqliteConfig::at(&path) };
    let store = SqliteStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(0, b"sealed")])).await.unwrap();
    let mut intruder = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut intruder).await.unwrap();
    let locked = StoreError::Unavailable("the file is locked");
    assert_eq!(store.check().await, Err(locked));
    assert_eq!(store.commit(&batch(1, vec![])).await, Err(CommitError::NotWritten(locked)));
    assert_eq!(store.forget_answers(now(), 1).await, Err(locked));
    assert!(store.find_token(&tenant(), &token(0)).await.unwrap().is_some());
    sqlx::query("ROLLBACK").execute(&mut intruder).await.unwrap();
    store.check().await.unwrap();
    store.commit(&batch(1, vec![])).await.unwrap();
}

/// What somebody wrote past this code is reported by the table's name, without the value.
#[tokio::test]
async fn a_row_this_code_never_wrote_is_unreadable() {
    let folder = private_folder();
    let path = folder.path().join("vault.db");
    let store = SqliteStore::open(&SqliteConfig::at(&path)).await.unwrap();
    store.commit(&batch(0, vec![insert_token(0, b"sealed")])).await.unwrap();
    let mut intruder = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    for damage in [
        "UPDATE tokens SET state = 'resurrected'",
        "UPDATE tokens SET state = 'active', card_expiry_month = 13, card_expiry_year = 2030",
        "UPDATE tokens SET card_expiry_month = 12, card_expiry_year = NULL",
        "UPDATE tokens SET card_expiry_month = NULL, last_four = 'x111'",
        "UPDATE tokens SET last_four = '1111', row_version = 4294967296",
    ] {
        sqlx::query(damage).execute(&mut intruder).await.unwrap();
        assert_eq!(
            store.find_token(&tenant(), &token(0)).await,
            Err(StoreError::Unreadable("token")),
            "{damage}"
        );
    }
    sqlx::query("UPDATE tokens SET row_version = 1").execute(&mut intruder).await.unwrap();
    assert!(store.find_token(&tenant(), &token(0)).await.unwrap().is_some());
}
