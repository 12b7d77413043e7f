//! Nodes are restarted one after the other while clients work.

use std::time::{Duration, Instant};

use strongroom_cluster::{Account, Cluster, Load};
use strongroom_e2e::Outcome;
use strongroom_postgres_server::PostgresServer;

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_under_load_fails_no_request_for_good() -> Outcome<()> {
    let mut cluster = Cluster::start(&PostgresServer::shared()?).await?;
    let load = Load::start(&cluster, 8)?;
    assert!(load.wait_for_success(&[0, 1], Instant::now(), PATIENCE).await);

    let first_stops = Instant::now();
    assert!(cluster.first.stop()?.success(), "the first node did not end well");
    cluster.first.launch()?;
    let first_is_back = Instant::now();
    assert!(load.wait_for_success(&[0, 1], first_is_back, PATIENCE).await, "{}", load.look(Account::summary));
    let second_stops = Instant::now();
    assert!(cluster.second.stop()?.success(), "the second node did not end well");
    cluster.second.launch()?;
    let second_is_back = Instant::now();
    assert!(
        load.wait_for_success(&[0, 1], second_is_back, PATIENCE).await,
        "{}",
        load.look(Account::summary)
    );
    let account = load.finish().await?;

    // The node that was not restarted refused nobody.
    let refused = |node: usize, from: Instant, to: Instant| {
        account.count(|attempt| {
            attempt.node == node && attempt.ended > from && attempt.ended < to && attempt.outcome != "ok"
        })
    };
    assert_eq!(refused(1, first_stops, first_is_back), 0, "{}", account.summary());
    assert_eq!(refused(0, second_stops, second_is_back), 0, "{}", account.summary());
    let done_meanwhile = account.count(|attempt| {
        attempt.node == 1
            && attempt.ended > first_stops
            && attempt.ended < first_is_back
            && attempt.outcome == "ok"
    });
    assert!(done_meanwhile > 10, "the node that stayed did too little: {done_meanwhile}");
    account.settle(&cluster).await
}
