//! Commits whose answer did not arrive are written once at most.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Batch, CommitError};
use strongroom_store::{PostgresConfig, PostgresServer, PostgresStore};
use tokio::time::timeout;

use crate::proxy::{Proxy, Way};
use crate::samples::{batch, end_token, insert_token, tenant, token};
use crate::server::{OWNER, PORT, Server, run_on};

/// A store that reaches the server by the proxy, and one that reaches it directly.
struct Two {
    proxy: Proxy,
    by_proxy: PostgresStore,
    direct: PostgresStore,
}

async fn two() -> Two {
    let server = Server::shared();
    let migrated = server.migrated().await;
    let config = PostgresConfig { statement_timeout: Duration::from_millis(200), writers: 1, ..migrated };
    let proxy = Proxy::to(server.folder());
    let by_proxy = PostgresConfig {
        server: PostgresServer::UnixSocket { folder: proxy.folder().to_owned(), port: PORT },
        ..config.clone()
    };
    let by_proxy = PostgresStore::open(&by_proxy).await.unwrap();
    by_proxy.commit(&batch(0, vec![insert_token(0, b"sealed")])).await.unwrap();
    Two { proxy, by_proxy, direct: PostgresStore::open(&config).await.unwrap() }
}

/// One statement, and a transaction of several.
fn second_batches() -> [Batch; 2] {
    [batch(1, vec![insert_token(1, b"sealed")]), batch(1, vec![insert_token(1, b"sealed"), end_token(0)])]
}

#[tokio::test]
async fn a_written_commit_whose_answer_is_lost_is_fenced_the_second_time() {
    for way in [Way::Silent, Way::Breaking] {
        let two = two().await;
        // Now its statement is prepared.
        two.by_proxy.commit(&batch(1, vec![insert_token(1, b"sealed")])).await.unwrap();
        let third = batch(2, vec![insert_token(2, b"sealed")]);
        two.proxy.set(way);
        assert!(matches!(two.by_proxy.commit(&third).await, Err(CommitError::InDoubt(_))));
        two.proxy.set(Way::Open);
        assert_eq!(two.by_proxy.commit(&third).await, Err(CommitError::Fenced));
        assert_eq!(two.by_proxy.stream_head("node").await.unwrap().unwrap().size, 3);
        assert!(two.by_proxy.find_token(&tenant(), &token(2)).await.unwrap().is_some());
        two.by_proxy.commit(&batch(3, vec![])).await.unwrap();
    }
}

/// The server hears of the first attempt only after the second was written elsewhere.
#[tokio::test]
async fn a_commit_that_arrives_late_writes_nothing() {
    for late in second_batches() {
        let two = two().await;
        two.proxy.set(Way::Slow);
        assert!(matches!(
            two.by_proxy.commit(&late).await,
            Err(CommitError::InDoubt(_) | CommitError::NotWritten(_))
        ));
        two.direct.commit(&late).await.unwrap();
        two.proxy.set(Way::Open);
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(two.by_proxy.commit(&late).await, Err(CommitError::Fenced));
        let bundles = two.direct.read_bundles("node", 0, 10).await.unwrap();
        assert_eq!(bundles.iter().map(|bundle| bundle.first_sequence).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(
            two.direct.list_tokens(&tenant(), &Default::default(), None, 10).await.unwrap().len(),
            3 - late.units[0].len()
        );
    }
}

/// The first attempt is still at work, with its bundle written and not committed, when the second begins elsewhere.
#[tokio::test]
async fn a_commit_under_way_makes_the_second_wait() {
    for written in [true, false] {
        let server = Server::shared();
        let config = server.migrated().await;
        let first = PostgresStore::open(&config).await.unwrap();
        let second = PostgresStore::open(&config).await.unwrap();
        first.commit(&batch(0, vec![])).await.unwrap();
        let mut owner = server.intruder(&config, OWNER).await;
        first.commit(&batch(1, vec![insert_token(1, b"sealed")])).await.unwrap();
        // Somebody adds the same token and has not decided.
        let values =
            "tenant, profile, kind, bin, last_four, brand, created_by, created_at, state, uses, row_version";
        let add = format!(
            "BEGIN; INSERT INTO tokens (token, shard, {values}) SELECT '{}', {}, {values} FROM tokens",
            token(2).as_str(),
            shard_of_token_2(&mut owner).await,
        );
        run_on(&mut owner, &add).await.unwrap();
        let contested = batch(2, vec![insert_token(2, b"sealed")]);
        let outcomes = tokio::join!(first.commit(&contested), second.commit(&contested), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            run_on(&mut owner, if written { "ROLLBACK" } else { "COMMIT" }).await.unwrap();
        });
        let outcomes = [outcomes.0, outcomes.1];
        if written {
            assert!(
                outcomes.contains(&Ok(())) && outcomes.contains(&Err(CommitError::Fenced)),
                "{outcomes:?}"
            );
        } else {
            assert_eq!(outcomes, [Err(CommitError::Conflict(vec![0])), Err(CommitError::Conflict(vec![0]))]);
        }
        assert_eq!(first.stream_head("node").await.unwrap().unwrap().size, if written { 3 } else { 2 });
    }
}

/// The shard is this code's to compute; a token that it wrote says which.
async fn shard_of_token_2(owner: &mut sqlx::PgConnection) -> i16 {
    let server = Server::shared();
    let config = server.migrated().await;
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(2, b"sealed")])).await.unwrap();
    let mut other = server.intruder(&config, OWNER).await;
    let row: (i16,) = sqlx::query_as("SELECT shard FROM tokens").fetch_one(&mut other).await.unwrap();
    sqlx::Connection::ping(owner).await.unwrap();
    row.0
}

/// A caller that went away leaves a backend that waits for a lock; the next commit ends it first.
#[tokio::test]
async fn what_was_abandoned_is_ended_before_the_next_commit() {
    let server = Server::shared();
    let config = PostgresConfig { writers: 1, ..server.migrated().await };
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![])).await.unwrap();
    store.commit(&batch(1, vec![])).await.unwrap();
    let mut owner = server.intruder(&config, OWNER).await;
    run_on(&mut owner, "BEGIN; LOCK TABLE audit_bundles IN EXCLUSIVE MODE").await.unwrap();
    let third = batch(2, vec![]);
    assert!(timeout(Duration::from_millis(100), store.commit(&third)).await.is_err());
    let (again, ()) = tokio::join!(store.commit(&third), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        run_on(&mut owner, "ROLLBACK").await.unwrap();
    });
    assert_eq!(again, Ok(()));
}
