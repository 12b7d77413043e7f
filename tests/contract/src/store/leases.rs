//! The right to do something alone for a while.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::Lease;
use tokio::task::JoinSet;

use super::samples::at;

/// A lease for ten moments from `now` on.
fn lease(name: &str, holder: &str, now: u64) -> Lease {
    Lease { name: name.to_owned(), holder: holder.to_owned(), now: at(now), until: at(now + 10) }
}

pub(super) async fn a_lease_is_taken_and_renewed(store: Arc<dyn Store>) {
    assert_eq!(store.take_lease(&lease("segments", "node-1", 0)).await, Ok(true));
    for now in [0, 5, 9] {
        assert_eq!(store.take_lease(&lease("segments", "node-2", now)).await, Ok(false));
        assert_eq!(store.take_lease(&lease("segments", "node-1", 2)).await, Ok(true));
    }
    // Renewed until 19, so what another would have got at 12 it does not get.
    assert_eq!(store.take_lease(&lease("segments", "node-1", 9)).await, Ok(true));
    assert_eq!(store.take_lease(&lease("segments", "node-2", 12)).await, Ok(false));
    // Other leases are other matters.
    assert_eq!(store.take_lease(&lease("answers", "node-2", 12)).await, Ok(true));
}

pub(super) async fn a_lease_goes_to_another_when_its_time_is_over(store: Arc<dyn Store>) {
    assert_eq!(store.take_lease(&lease("segments", "node-1", 0)).await, Ok(true));
    assert_eq!(store.take_lease(&lease("segments", "node-2", 10)).await, Ok(true));
    assert_eq!(store.take_lease(&lease("segments", "node-1", 11)).await, Ok(false));
    // Whoever has it may give it up before its time.
    let given_up = Lease { until: at(12), ..lease("segments", "node-2", 12) };
    assert_eq!(store.take_lease(&given_up).await, Ok(true));
    assert_eq!(store.take_lease(&lease("segments", "node-1", 12)).await, Ok(true));
}

pub(super) async fn one_of_many_takers_wins(store: Arc<dyn Store>) {
    // First nobody has it, then somebody whose time is over.
    for now in [0, 10, 20] {
        let mut tasks = JoinSet::new();
        for taker in 0..32 {
            let store = Arc::clone(&store);
            let lease = lease("segments", &format!("round-{now}-node-{taker}"), now);
            tasks.spawn(async move { store.take_lease(&lease).await.unwrap() });
        }
        let taken = tasks.join_all().await.into_iter().filter(|taken| *taken).count();
        assert_eq!(taken, 1);
    }
}
