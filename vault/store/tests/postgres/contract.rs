//! PostgreSQL keeps every promise of a store.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_store::{PostgresConfig, PostgresStore};

use crate::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeps_the_contract() {
    strongroom_contract::store::run_all(|| async {
        let config = Server::shared().migrated().await;
        Arc::new(PostgresStore::open(&config).await.unwrap()) as Arc<dyn Store>
    })
    .await;
}

/// As many commits side by side as the races of the contract start.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeps_the_contract_on_many_connections() {
    strongroom_contract::store::run_all(|| async {
        let config = PostgresConfig { writers: 12, readers: 1, ..Server::shared().migrated().await };
        Arc::new(PostgresStore::open(&config).await.unwrap()) as Arc<dyn Store>
    })
    .await;
}
