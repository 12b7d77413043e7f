//! A fault of the database under load, from before it to after it.

use std::time::{Duration, Instant};

use strongroom_e2e::Outcome;

use crate::account::Account;
use crate::cluster::Cluster;
use crate::load::Load;
use crate::readiness::ReadinessWatch;

const CALLERS: usize = 6;
/// Time enough for a loaded machine to answer a few requests.
const PATIENCE: Duration = Duration::from_secs(20);
/// How soon after a fault everything must go again.
const RECOVERY: Duration = Duration::from_secs(15);

/// What a fault is expected to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing goes, and both nodes say so on `/readyz`.
    Total,
    /// Some goes and some does not; `/readyz` says what it likes.
    Partial,
}

/// Puts both nodes under load, has the fault come and go, and checks that all is as it was: see [`Account::settle`].
/// `happens` returns when the fault is over.
pub async fn endure(
    cluster: &Cluster,
    fault: Fault,
    happens: impl AsyncFnOnce(&Load) -> Outcome<()>,
) -> Outcome<Account> {
    let watch = ReadinessWatch::start(&cluster.operations_ports());
    let load = Load::start(cluster, CALLERS)?;
    let started = Instant::now();
    assert!(
        load.wait_for_success(&[0, 1], started, PATIENCE).await,
        "no load: {}",
        load.look(Account::summary)
    );
    tokio::time::sleep(Duration::from_secs(1)).await;

    let began = Instant::now();
    happens(&load).await?;
    let ended = Instant::now();
    let refused =
        load.look(|account| account.count(|attempt| attempt.ended > began && attempt.outcome != "ok"));
    assert!(refused > 0, "the fault was not noticed: {}", load.look(Account::summary));
    if fault == Fault::Total {
        assert!(watch.each_said(false, began), "a node said that it is ready while nothing goes");
    }
    assert!(watch.wait_until_ready(ended, RECOVERY).await, "a node is not ready again after {RECOVERY:?}");
    let recovered = load.wait_for_success(&[0, 1], ended, RECOVERY).await;
    assert!(recovered, "no recovery in {RECOVERY:?}: {}", load.look(Account::summary));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut account = load.finish().await?;
    report(&format!("under the fault: {}", account.summary()));
    assert_eq!(account.count(|attempt| attempt.outcome == "connection"), 0, "a node broke connections");

    let after = all_is_free(cluster).await?;
    account.add(after);
    account.settle(cluster).await?;
    Ok(account)
}

/// No connection, lock or place in a queue is left behind: many at once all get what they ask for.
async fn all_is_free(cluster: &Cluster) -> Outcome<Account> {
    let load = Load::start(cluster, 4 * CALLERS)?;
    let started = Instant::now();
    assert!(load.wait_for_success(&[0, 1], started, PATIENCE).await, "{}", load.look(Account::summary));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let account = load.finish().await?;
    let refused = account.count(|attempt| attempt.outcome != "ok");
    assert_eq!(refused, 0, "refused when all was well again: {}", account.summary());
    Ok(account)
}

#[expect(clippy::print_stdout, reason = "tells the reader of a test's output what the load met")]
fn report(text: &str) {
    println!("{text}");
}
