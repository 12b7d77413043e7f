//! Away, locked, read-only, full, and available again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{CommitError, StoreError};
use strongroom_store::{PostgresConfig, PostgresStore};

use crate::samples::{batch, batch_of, insert_token, tenant, token};
use crate::server::{OWNER, Server, run_on};

#[tokio::test]
async fn a_stopped_server_is_unavailable_and_comes_back_without_reopening() {
    let server = Server::start();
    let store = PostgresStore::open(&server.migrated().await).await.unwrap();
    store.commit(&batch(0, vec![insert_token(0, b"sealed")])).await.unwrap();
    for (number, mode) in [(1, "fast"), (2, "immediate")] {
        server.stop(mode);
        for _ in 0..2 {
            let refused = store.commit(&batch(number, vec![insert_token(number, b"sealed")])).await;
            // Right after a crash one cannot know; a connection that is not there at all is certain.
            assert!(
                matches!(refused, Err(CommitError::NotWritten(_) | CommitError::InDoubt(_))),
                "{refused:?}"
            );
            tokio::time::sleep(Duration::from_millis(600)).await;
        }
        let refused = store.commit(&batch(number, vec![])).await;
        let failed = StoreError::Unavailable("the connection to the database failed");
        assert_eq!(refused, Err(CommitError::NotWritten(failed)));
        assert_eq!(store.find_token(&tenant(), &token(0)).await, Err(failed));
        assert_eq!(store.check().await, Err(failed));
        server.resume();
        store.commit(&batch(number, vec![insert_token(number, b"sealed")])).await.unwrap();
        assert!(store.find_token(&tenant(), &token(number)).await.unwrap().is_some());
        store.check().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_are_ended_under_load_lose_nothing() {
    let server = Server::start();
    let config = PostgresConfig { writers: 4, ..server.migrated().await };
    let store = Arc::new(PostgresStore::open(&config).await.unwrap());
    let done = Arc::new(AtomicBool::new(false));
    let lanes: Vec<_> = (0..4)
        .map(|lane| {
            let (store, done) = (Arc::clone(&store), Arc::clone(&done));
            tokio::spawn(async move {
                let (mut written, mut failures) = (0_u64, 0_u64);
                while !done.load(Ordering::SeqCst) || written < 20 {
                    let unit = vec![insert_token(lane * 1_000_000 + written, b"sealed")];
                    let batch = batch_of(&format!("node-{lane}"), written, unit);
                    // The same batch again until it is there, as the committer does.
                    loop {
                        match store.commit(&batch).await {
                            Ok(()) => break,
                            Err(CommitError::Fenced) if failures > 0 => break,
                            Err(CommitError::NotWritten(_) | CommitError::InDoubt(_)) => failures += 1,
                            Err(error) => panic!("{error}"),
                        }
                    }
                    written += 1;
                }
                (written, failures)
            })
        })
        .collect();
    let mut superuser = server.intruder(&config, "postgres").await;
    for _ in 0..15 {
        tokio::time::sleep(Duration::from_millis(60)).await;
        let end =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'strongroom_service'";
        run_on(&mut superuser, end).await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let (mut tokens, mut failures_seen) = (0, 0);
    for (lane, task) in lanes.into_iter().enumerate() {
        let (written, failures) = task.await.unwrap();
        let bundles = store.read_bundles(&format!("node-{lane}"), 0, 1_000_000).await.unwrap();
        assert!(bundles.iter().map(|bundle| bundle.first_sequence).eq(0..written));
        tokens += written;
        failures_seen += failures;
    }
    assert!(failures_seen > 0);
    assert_eq!(
        store.list_tokens(&tenant(), &Default::default(), None, u32::MAX).await.unwrap().len() as u64,
        tokens
    );
}

#[tokio::test]
async fn a_locked_table_is_unavailable_until_it_is_free() {
    let server = Server::shared();
    let config = PostgresConfig { lock_timeout: Duration::from_millis(80), ..server.migrated().await };
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(0, b"sealed")])).await.unwrap();
    let mut owner = server.intruder(&config, OWNER).await;
    run_on(&mut owner, "BEGIN; LOCK TABLE audit_bundles IN EXCLUSIVE MODE").await.unwrap();
    let locked = StoreError::Unavailable("a lock is held for too long");
    assert_eq!(store.check().await, Err(locked));
    assert_eq!(store.commit(&batch(1, vec![])).await, Err(CommitError::NotWritten(locked)));
    assert!(store.find_token(&tenant(), &token(0)).await.unwrap().is_some());
    run_on(&mut owner, "ROLLBACK").await.unwrap();
    store.check().await.unwrap();
    store.commit(&batch(1, vec![])).await.unwrap();
}

#[tokio::test]
async fn a_look_up_waits_for_a_lock_once_and_asks_again_only_where_the_connection_has_ended() {
    let server = Server::shared();
    let config = PostgresConfig { lock_timeout: Duration::from_secs(1), ..server.migrated().await };
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(0, b"sealed")])).await.unwrap();
    assert!(store.find_token(&tenant(), &token(0)).await.unwrap().is_some());
    let mut owner = server.intruder(&config, OWNER).await;
    run_on(&mut owner, "BEGIN; LOCK TABLE tokens").await.unwrap();
    let began = std::time::Instant::now();
    let locked = StoreError::Unavailable("a lock is held for too long");
    assert_eq!(store.find_token(&tenant(), &token(0)).await, Err(locked));
    assert!(began.elapsed() < Duration::from_millis(1900), "it waited twice: {:?}", began.elapsed());
    run_on(&mut owner, "ROLLBACK").await.unwrap();

    let mut superuser = server.intruder(&config, "postgres").await;
    for _ in 0..5 {
        // Several connections, so that a dead one is not the only one.
        let (tenant, token) = (tenant(), token(0));
        let looks = (0..50).map(|_| store.find_token(&tenant, &token));
        assert!(futures_util::future::join_all(looks).await.iter().all(Result::is_ok));
        let end = format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
             WHERE usename = 'strongroom_service' AND datname = '{}'",
            config.database
        );
        run_on(&mut superuser, &end).await.unwrap();
        assert!(store.find_token(&tenant, &token).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_slow_statement_is_given_up_by_the_server() {
    let server = Server::shared();
    let migrated = server.migrated().await;
    let config = PostgresConfig {
        statement_timeout: Duration::from_millis(100),
        lock_timeout: Duration::from_secs(60),
        ..migrated
    };
    let store = PostgresStore::open(&config).await.unwrap();
    let mut owner = server.intruder(&config, OWNER).await;
    run_on(&mut owner, "BEGIN; LOCK TABLE tokens, audit_bundles").await.unwrap();
    let slow = StoreError::Unavailable("a statement took too long");
    assert_eq!(store.find_token(&tenant(), &token(0)).await, Err(slow));
    assert_eq!(store.commit(&batch(0, vec![])).await, Err(CommitError::NotWritten(slow)));
    run_on(&mut owner, "ROLLBACK").await.unwrap();
    assert_eq!(store.find_token(&tenant(), &token(0)).await, Ok(None));
    store.commit(&batch(0, vec![])).await.unwrap();
}

#[tokio::test]
async fn a_read_only_database_is_read() {
    let server = Server::shared();
    let config = server.migrated().await;
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(0, b"sealed")])).await.unwrap();
    store.close().await;
    let mut superuser = server.intruder(&config, "postgres").await;
    let set = |to: &str| format!("ALTER DATABASE {} {to} default_transaction_read_only", config.database);
    run_on(&mut superuser, &format!("{} = on", set("SET"))).await.unwrap();
    let store = PostgresStore::open(&config).await.unwrap();
    let read_only = StoreError::Unavailable("the database is read-only");
    assert_eq!(store.check().await, Err(read_only));
    assert_eq!(store.commit(&batch(1, vec![])).await, Err(CommitError::NotWritten(read_only)));
    assert!(store.find_token(&tenant(), &token(0)).await.unwrap().is_some());
    run_on(&mut superuser, &set("RESET")).await.unwrap();
    // Connections keep the setting that they began with; the refused one is gone, and so are the others after a while.
    store.commit(&batch(1, vec![])).await.unwrap();
}

/// What somebody wrote past this code is reported by the table's name, without the value, to its caller alone.
#[tokio::test]
async fn a_row_this_code_never_wrote_is_unreadable() {
    let server = Server::shared();
    let config = server.migrated().await;
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(0, b"sealed"), insert_token(1, b"sealed")])).await.unwrap();
    let mut owner = server.intruder(&config, OWNER).await;
    for damage in [
        "state = 'resurrected'",
        "state = 'active', card_expiry_month = 13, card_expiry_year = 2030",
        "card_expiry_month = 12, card_expiry_year = NULL",
        "card_expiry_month = NULL, last_four = 'x111'",
        "last_four = '1111', row_version = 4294967296",
    ] {
        let damage = format!("UPDATE tokens SET {damage} WHERE token = '{}'", token(0).as_str());
        run_on(&mut owner, &damage).await.unwrap();
        let (tenant, damaged, sound) = (tenant(), token(0), token(1));
        let both = tokio::join!(store.find_token(&tenant, &damaged), store.find_token(&tenant, &sound));
        assert_eq!(both.0, Err(StoreError::Unreadable("token")), "{damage}");
        assert!(both.1.unwrap().is_some());
    }
}

#[tokio::test]
async fn more_callers_than_connections_wait_and_are_turned_away() {
    let server = Server::shared();
    let config =
        PostgresConfig { writers: 1, wait_timeout: Duration::from_millis(50), ..server.migrated().await };
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![])).await.unwrap();
    let mut owner = server.intruder(&config, OWNER).await;
    run_on(&mut owner, "BEGIN; LOCK TABLE audit_bundles IN EXCLUSIVE MODE").await.unwrap();
    let (first, second) = (batch(1, vec![]), batch(1, vec![]));
    let outcomes = tokio::join!(store.commit(&first), store.commit(&second));
    assert_eq!(
        outcomes.0,
        Err(CommitError::NotWritten(StoreError::Unavailable("a lock is held for too long")))
    );
    assert_eq!(
        outcomes.1,
        Err(CommitError::NotWritten(StoreError::Unavailable("all connections are in use")))
    );
}
