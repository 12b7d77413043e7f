//! Somebody else's lock on a table that everybody needs.

use std::time::Duration;

use strongroom_cluster::{Cluster, Fault, endure};
use strongroom_e2e::Outcome;
use strongroom_postgres_server::PostgresServer;

const HELD: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minute_without_the_tokens_loses_nothing() -> Outcome<()> {
    locked("tokens").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minute_without_the_record_loses_nothing() -> Outcome<()> {
    locked("audit_bundles").await
}

async fn locked(table: &str) -> Outcome<()> {
    let cluster = Cluster::start(&PostgresServer::shared()?).await?;
    endure(&cluster, Fault::Total, async |_| {
        let lock = cluster.first.database().lock_table(table, 2 * HELD)?;
        tokio::time::sleep(HELD).await;
        drop(lock);
        Ok(())
    })
    .await?;
    Ok(())
}
