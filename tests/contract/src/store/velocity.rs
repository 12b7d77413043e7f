//! How much of an identity's limits has been taken.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::VelocityRow;
use strongroom_domain::{DetokenizationPurpose, VelocityCounter};
use tokio::task::JoinSet;

use super::samples::{at, service, tenant};

fn count(counter: VelocityCounter, row_version: u64, current: u64) -> VelocityRow {
    VelocityRow {
        tenant: tenant("acme"),
        service: service("shop"),
        counter,
        slot_millis: 1_800_000,
        latest: at(row_version),
        current,
        previous: 7,
        earlier: 8,
        row_version,
        mac: [9; 32],
    }
}

async fn found(store: &Arc<dyn Store>, row: &VelocityRow) -> Option<VelocityRow> {
    store.find_velocity(&row.tenant, &row.service, row.counter).await.unwrap()
}

pub(super) async fn a_count_comes_back_as_it_went_in(store: Arc<dyn Store>) {
    let purposes = DetokenizationPurpose::ALL.iter().map(|purpose| VelocityCounter::reveal(*purpose));
    for counter in purposes.chain([VelocityCounter::DECRYPT, VelocityCounter::SEARCH, VelocityCounter::MISS])
    {
        let row = count(counter, 1, 5);
        assert_eq!(found(&store, &row).await, None);
        assert_eq!(store.put_velocity(&row).await, Ok(true));
        assert_eq!(found(&store, &row).await, Some(row));
    }
}

pub(super) async fn a_count_is_written_on_the_one_before_only(store: Arc<dyn Store>) {
    let counter = VelocityCounter::SEARCH;
    // There is none to write upon.
    assert_eq!(store.put_velocity(&count(counter, 2, 5)).await, Ok(false));
    assert_eq!(store.put_velocity(&count(counter, 1, 5)).await, Ok(true));
    // A second first one, the same again, and one that leaves one out.
    for row_version in [1, 3] {
        assert_eq!(store.put_velocity(&count(counter, row_version, 9)).await, Ok(false));
    }
    let next =
        VelocityRow { slot_millis: 500, previous: 0, earlier: 0, mac: [1; 32], ..count(counter, 2, 6) };
    assert_eq!(store.put_velocity(&next).await, Ok(true));
    assert_eq!(store.put_velocity(&count(counter, 2, 9)).await, Ok(false));
    assert_eq!(found(&store, &next).await, Some(next));
}

pub(super) async fn identities_do_not_see_each_others_counts(store: Arc<dyn Store>) {
    let own = count(VelocityCounter::MISS, 1, 5);
    let others = [
        VelocityRow { tenant: tenant("rival"), ..own.clone() },
        VelocityRow { service: service("billing"), ..own.clone() },
        VelocityRow { counter: VelocityCounter::SEARCH, ..own.clone() },
    ];
    assert_eq!(store.put_velocity(&own).await, Ok(true));
    for other in &others {
        assert_eq!(found(&store, other).await, None);
        assert_eq!(store.put_velocity(other).await, Ok(true));
        assert_eq!(found(&store, other).await.as_ref(), Some(other));
    }
}

pub(super) async fn of_many_that_take_a_block_one_does(store: Arc<dyn Store>) {
    for row_version in 1..=3 {
        let mut tasks = JoinSet::new();
        for taker in 0..32 {
            let (store, row) = (Arc::clone(&store), count(VelocityCounter::DECRYPT, row_version, taker));
            tasks.spawn(async move { store.put_velocity(&row).await.unwrap().then_some(row) });
        }
        let winners: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(
            found(&store, &count(VelocityCounter::DECRYPT, row_version, 0)).await.as_ref(),
            winners.first()
        );
    }
}
