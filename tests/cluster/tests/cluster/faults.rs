//! The server stops, ends sessions, takes no writes, or is not there at the start.

use std::time::Duration;

use strongroom_cluster::{Cluster, Fault, endure, words_of_the_database};
use strongroom_e2e::Outcome;
use strongroom_postgres_server::{PostgresServer, Role};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_for_ten_seconds_loses_nothing() -> Outcome<()> {
    let server = PostgresServer::start()?;
    let mut cluster = Cluster::start(&server).await?;
    endure(&cluster, Fault::Total, async |_| {
        server.stop_immediate()?;
        tokio::time::sleep(Duration::from_secs(10)).await;
        Ok(server.start_again()?)
    })
    .await?;

    // A node that starts meanwhile says so and ends.
    cluster.second.stop()?;
    server.stop_fast()?;
    let (status, said) = cluster.second.launch_to_the_end()?;
    assert_eq!(status.code(), Some(14), "{said}");
    assert!(said.contains("database"), "it does not say what is away: {said}");
    let words = words_of_the_database(&said);
    assert!(words.is_empty(), "{words:?}");
    server.start_again()?;
    cluster.second.launch()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_are_ended_every_second_for_a_minute_lose_nothing() -> Outcome<()> {
    let server = PostgresServer::start()?;
    let cluster = Cluster::start(&server).await?;
    let account = endure(&cluster, Fault::Partial, async |load| {
        let mut done = 0;
        for round in 0..60 {
            assert!(server.terminate_backends(Role::Service)? > 0, "there was nothing to end");
            tokio::time::sleep(Duration::from_secs(1)).await;
            if round % 10 == 9 {
                let so_far = load.look(|account| account.tokens.len());
                assert!(so_far > done, "nothing was done in ten seconds");
                done = so_far;
            }
        }
        Ok(())
    })
    .await?;
    assert!(account.tokens.len() > 200, "too little was done: {}", account.summary());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_writes_for_twenty_seconds_loses_nothing() -> Outcome<()> {
    let server = PostgresServer::start()?;
    let cluster = Cluster::start(&server).await?;
    endure(&cluster, Fault::Total, async |_| {
        server.set_read_only(true)?;
        tokio::time::sleep(Duration::from_secs(20)).await;
        Ok(server.set_read_only(false)?)
    })
    .await?;
    Ok(())
}
