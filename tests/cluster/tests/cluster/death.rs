//! A node dies; the other one goes on and puts its affairs in order.

use std::time::{Duration, Instant};

use strongroom_cluster::{Account, Cluster, Load};
use strongroom_e2e::Outcome;
use strongroom_postgres_server::PostgresServer;

const PATIENCE: Duration = Duration::from_secs(30);
/// Three checkpoint intervals until a node is taken for dead, and as much again for a loaded machine.
const ADOPTION: Duration = Duration::from_secs(30);
/// A job's lease holds for three rounds of ten seconds; then the other node's next round takes it.
const TAKE_OVER: Duration = Duration::from_secs(60);
const HOLDER: &str = "SELECT holder FROM leases WHERE name = 'job/forget answers'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_survivor_goes_on_without_an_error_and_ends_the_streams_of_the_dead() -> Outcome<()> {
    let mut cluster = Cluster::start(&PostgresServer::shared()?).await?;
    let load = Load::start(&cluster, 8)?;
    assert!(load.wait_for_success(&[0, 1], Instant::now(), PATIENCE).await);
    let began = Instant::now();
    let holder = loop {
        let holder = cluster.sql(HOLDER)?;
        if !holder.is_empty() {
            break holder;
        }
        assert!(began.elapsed() < PATIENCE, "no node does the work that one does for all");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    // Whoever has the work is the one to die, soon after it has signed: what it writes until then is for the other.
    let (dead, name, survivor) = if holder.starts_with("dev/") { (0, "dev", 1) } else { (1, "second", 0) };
    let signed = format!("SELECT coalesce(sum(size), 0) FROM checkpoints WHERE stream LIKE '{name}.%'");
    let unsigned = format!(
        "SELECT count(*) FROM audit_streams s WHERE stream LIKE '{name}.%' \
         AND (SELECT max(first_sequence + event_count) FROM audit_bundles b WHERE b.stream = s.stream) \
         > coalesce((SELECT max(size) FROM checkpoints c WHERE c.stream = s.stream), 0)"
    );
    let before = cluster.sql(&signed)?;
    while cluster.sql(&signed)? == before || cluster.sql(&unsigned)? == "0" {
        assert!(began.elapsed() < 2 * PATIENCE, "a node under load signs nothing, or has nothing to sign");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let killed = Instant::now();
    if dead == 0 {
        cluster.first.kill()?
    } else {
        cluster.second.kill()?
    }
    assert_ne!(cluster.sql(&unsigned)?, "0", "the dead node left nothing unsigned; nothing to see");
    while cluster.sql(&unsigned)? != "0" {
        assert!(killed.elapsed() < ADOPTION, "nobody signed the dead node's last records");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let adopted = killed.elapsed();
    let logs = cluster.logs();
    let said = "signed the end of a stream whose node is gone";
    assert!(logs.get(survivor).is_some_and(|log| log.contains(said)), "it was not the survivor who signed");
    while cluster.sql(HOLDER)? == holder {
        assert!(killed.elapsed() < TAKE_OVER, "nobody took over the dead node's work");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    report(&format!("adopted after {adopted:?}, work taken over after {:?}", killed.elapsed()));

    let account = load.finish().await?;
    let refused = |attempt: &strongroom_cluster::Attempt| attempt.node == survivor && attempt.outcome != "ok";
    assert_eq!(account.count(refused), 0, "the survivor refused: {}", account.summary());
    let codes = account
        .count(|attempt| attempt.node == dead && !matches!(attempt.outcome.as_str(), "ok" | "connection"));
    assert_eq!(codes, 0, "{}", account.summary());
    assert!(
        account.count(|attempt| attempt.node == survivor && attempt.ended > killed) > 50,
        "{}",
        Account::summary(&account)
    );
    // Back again, the dead node continues its streams, and the whole is what the witnesses saw.
    if dead == 0 {
        cluster.first.launch()?
    } else {
        cluster.second.launch()?
    }
    account.settle(&cluster).await
}

#[expect(clippy::print_stdout, reason = "tells the reader of a test's output how fast it was")]
fn report(text: &str) {
    println!("{text}");
}
