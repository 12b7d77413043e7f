//! SQLite keeps every promise of a store.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use strongroom_core::ports::Store;
use strongroom_store::{SqliteConfig, SqliteStore};

use crate::samples::private_folder;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeps_the_contract() {
    let folder = private_folder();
    let number = AtomicU32::new(0);
    strongroom_contract::store::run_all(|| {
        let name = format!("vault-{}.db", number.fetch_add(1, Ordering::SeqCst));
        open(folder.path().join(name))
    })
    .await;
}

async fn open(path: PathBuf) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(&SqliteConfig::at(path)).await.unwrap())
}
