//! When the store opens, and when it refuses to.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::StoreError;
use strongroom_store::{OpenError, SqliteConfig, SqliteStore};

use crate::samples::private_folder;

#[tokio::test]
async fn a_second_one_on_the_same_file_is_refused() {
    let folder = private_folder();
    let config = SqliteConfig::at(folder.path().join("vault.db"));
    let store = SqliteStore::open(&config).await.unwrap();
    assert_eq!(refusal(&config).await, Some(OpenError::InUse));
    store.check().await.unwrap();
    drop(store);
    assert_eq!(refusal(&config).await, None);
}

#[tokio::test]
async fn files_that_others_may_read_are_refused() {
    let folder = private_folder();
    let config = SqliteConfig::at(folder.path().join("vault.db"));
    SqliteStore::open(&config).await.unwrap().close().await;
    assert_eq!(mode(&config.path), 0o600);
    for shared in [0o640, 0o604, 0o620, 0o666] {
        set_mode(&config.path, shared);
        assert_eq!(refusal(&config).await, Some(OpenError::NotPrivate("the database file")));
    }
    set_mode(&config.path, 0o600);
    for shared in [0o750, 0o701, 0o777] {
        set_mode(folder.path(), shared);
        assert_eq!(refusal(&config).await, Some(OpenError::NotPrivate("the database's folder")));
    }
    set_mode(folder.path(), 0o700);
    let log = folder.path().join("vault.db-wal");
    std::fs::write(&log, b"").unwrap();
    set_mode(&log, 0o644);
    assert_eq!(refusal(&config).await, Some(OpenError::NotPrivate("the database's log")));
    set_mode(&log, 0o600);
    assert_eq!(refusal(&config).await, None);
}

#[tokio::test]
async fn all_files_are_private_from_the_start() {
    let folder = private_folder();
    let store = SqliteStore::open(&SqliteConfig::at(folder.path().join("vault.db"))).await.unwrap();
    store.check().await.unwrap();
    let names = ["vault.db", "vault.db-wal", "vault.db-shm", "vault.db-lock"];
    assert!(names.iter().all(|name| mode(&folder.path().join(name)) == 0o600));
}

#[tokio::test]
async fn a_missing_folder_is_not_made() {
    let folder = private_folder();
    let config = SqliteConfig::at(folder.path().join("missing").join("vault.db"));
    assert_eq!(refusal(&config).await, Some(OpenError::Unusable("the database's folder")));
}

#[tokio::test]
async fn migrations_are_applied_once() {
    let folder = private_folder();
    let config = SqliteConfig::at(folder.path().join("vault.db"));
    for _ in 0..3 {
        SqliteStore::open(&config).await.unwrap().close().await;
    }
    assert_eq!(refusal(&config).await, None);
}

#[tokio::test]
async fn an_unknown_schema_is_refused_and_left_alone() {
    let folder = private_folder();
    let config = SqliteConfig::at(folder.path().join("vault.db"));
    SqliteStore::open(&config).await.unwrap().close().await;
    let add = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'from the future', TRUE, x'00', 0)";
    change(&config.path, add).await;
    assert_eq!(refusal(&config).await, Some(OpenError::NewerSchema { found: 9999 }));
    change(&config.path, "DELETE FROM _sqlx_migrations WHERE version = 9999").await;
    assert_eq!(refusal(&config).await, None);
    change(&config.path, "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").await;
    assert_eq!(refusal(&config).await, Some(OpenError::ForeignSchema(1)));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_unreadable() {
    let folder = private_folder();
    let config = SqliteConfig::at(folder.path().join("vault.db"));
    std::fs::write(
        &config.path,
        b"no database at all, but long enough to hold the header of one".repeat(100),
    )
    .unwrap();
    set_mode(&config.path, 0o600);
    assert_eq!(refusal(&config).await, Some(OpenError::Store(StoreError::Unreadable("file"))));
}

/// Opens and closes again.
async fn refusal(config: &SqliteConfig) -> Option<OpenError> {
    match SqliteStore::open(config).await {
        Ok(store) => {
            store.close().await;
            None
        }
        Err(error) => Some(error),
    }
}

async fn change(path: &Path, statement: &'static str) {
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlx::query(statement).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
