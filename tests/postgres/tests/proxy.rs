//! The faults of the network, with psql as the client.

use std::time::{Duration, Instant};

use strongroom_postgres_server::{CuttingProxy, PostgresServer, Request, Role};

use boxes::database_with_boxes;
use conversation::{Session, insert, rows};

#[cfg(test)]
mod boxes;
#[cfg(test)]
mod conversation;

const LONG: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_cut_gets_through_verified() {
    let server = PostgresServer::shared().unwrap();
    let (database, proxy) = (database_with_boxes(&server), CuttingProxy::start(&server).await.unwrap());
    proxy.lose_answer(Request::OfAtLeast(4000));
    let mut session = Session::open(&database, &proxy, "verify-full");
    assert_eq!(
        session.ask("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid();"),
        Some("t".to_owned())
    );
    assert_eq!(session.ask(&insert(1, 1000)), Some("inserted".to_owned()));
    assert_eq!(proxy.open_connections(), 1);
    assert_eq!(proxy.lost_answers(), 0);
    drop(session);
    assert_eq!(rows(&database), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_a_long_request_is_lost_and_its_effect_is_not() {
    let server = PostgresServer::shared().unwrap();
    let (database, proxy) = (database_with_boxes(&server), CuttingProxy::start(&server).await.unwrap());
    // Armed before the session opens: that exchange is too short to count.
    proxy.lose_answer(Request::OfAtLeast(1000));
    let mut session = Session::open(&database, &proxy, "verify-full");
    assert_eq!(session.ask(&insert(1, 10)), Some("inserted".to_owned()));
    assert_eq!(session.ask(&insert(2, 3000)), None);
    assert!(proxy.wait_for_lost_answers(1, LONG).await);
    assert_eq!(rows(&database), "2");
    let mut next = Session::open(&database, &proxy, "verify-full");
    assert_eq!(next.ask(&insert(3, 3000)), Some("inserted".to_owned()), "it was to be lost once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_a_commit_is_lost_and_the_commit_is_not() {
    let server = PostgresServer::shared().unwrap();
    let (database, proxy) = (database_with_boxes(&server), CuttingProxy::start(&server).await.unwrap());
    let mut session = Session::open(&database, &proxy, "verify-full");
    proxy.cut_after_commit(1000);
    assert_eq!(session.ask("BEGIN; SELECT 'begun';"), Some("begun".to_owned()));
    assert_eq!(session.ask(&insert(1, 3000)), Some("inserted".to_owned()));
    assert_eq!(rows(&database), "0");
    assert_eq!(session.ask("COMMIT; SELECT 'committed';"), None);
    assert!(proxy.wait_for_lost_answers(1, LONG).await);
    assert_eq!(rows(&database), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_proxy_reads_commit_and_execute() {
    let server = PostgresServer::shared().unwrap();
    let (database, proxy) = (database_with_boxes(&server), CuttingProxy::start_plain(&server).await.unwrap());
    proxy.cut_after_commit(1000);
    let mut session = Session::open(&database, &proxy, "disable");
    assert_eq!(
        session.ask("SELECT coalesce(inet_client_addr()::text, 'socket');"),
        Some("socket".to_owned())
    );
    assert_eq!(session.ask("BEGIN; SELECT 'begun';"), Some("begun".to_owned()));
    assert_eq!(session.ask(&insert(1, 10)), Some("inserted".to_owned()));
    assert_eq!(session.ask("COMMIT; SELECT 'committed';"), None);
    assert!(proxy.wait_for_lost_answers(1, LONG).await);
    assert_eq!(rows(&database), "1");

    proxy.lose_answer(Request::Execute);
    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), "INSERT INTO boxes VALUES (7, 'x');\n").unwrap();
    let (port, file) = (proxy.port().to_string(), script.path().to_owned());
    let mut pgbench = database.server().program("pgbench", Role::Service, database.name());
    pgbench
        .env("PGPORT", port)
        .env("PGSSLMODE", "disable")
        .args(["-n", "-t", "1", "-M", "prepared", "-f"])
        .arg(file);
    let output = tokio::task::spawn_blocking(move || pgbench.output()).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("actually processed: 0/1"), "{output:?}");
    assert_eq!(proxy.lost_answers(), 2);
    assert_eq!(rows(&database), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_delays_and_loses_nothing() {
    let server = PostgresServer::shared().unwrap();
    let (database, proxy) = (database_with_boxes(&server), CuttingProxy::start(&server).await.unwrap());
    let mut session = Session::open(&database, &proxy, "verify-full");
    assert_eq!(session.ask("SELECT 'there';"), Some("there".to_owned()));
    proxy.black_hole(true);
    session.send(&insert(1, 10));
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(rows(&database), "0", "the request got through");
    assert_eq!(proxy.open_connections(), 1);
    proxy.black_hole(false);
    assert_eq!(session.answer(), Some("inserted".to_owned()));
    assert_eq!(rows(&database), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_cut_and_new_ones_refused() {
    let server = PostgresServer::shared().unwrap();
    let (database, proxy) = (database_with_boxes(&server), CuttingProxy::start(&server).await.unwrap());
    let mut session = Session::open(&database, &proxy, "verify-full");
    assert_eq!(session.ask("SELECT 'there';"), Some("there".to_owned()));
    proxy.refuse(true);
    assert_eq!(session.ask("SELECT 'still';"), Some("still".to_owned()), "an open connection was refused");
    assert_eq!(Session::open(&database, &proxy, "verify-full").ask("SELECT 'new';"), None);
    let began = Instant::now();
    proxy.cut_all();
    assert_eq!(session.ask("SELECT 'gone';"), None);
    assert!(began.elapsed() < Duration::from_secs(5), "it was not cut but timed out");
    proxy.refuse(false);
    assert_eq!(
        Session::open(&database, &proxy, "verify-full").ask("SELECT 'back';"),
        Some("back".to_owned())
    );
}
