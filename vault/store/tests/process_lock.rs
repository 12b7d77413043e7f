//! One process at a time. In a program of its own: while a child is being started it holds a copy of every lock of its
//! parent, which would disturb tests that let go of theirs at that moment.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use strongroom_store::{SqliteConfig, SqliteStore};

#[tokio::test]
async fn the_lock_holds_between_processes() {
    let private = Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new().permissions(private).tempdir().unwrap();
    let store = SqliteStore::open(&SqliteConfig::at(folder.path().join("vault.db"))).await.unwrap();
    let another_process_may_lock = || {
        let lock = folder.path().join("vault.db-lock");
        Command::new("flock").arg("--nonblock").arg(lock).arg("true").status().unwrap().success()
    };
    assert!(!another_process_may_lock());
    drop(store);
    assert!(another_process_may_lock());
}
