//! The streams of nodes that are gone end under a signature of a node that lives on.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::StreamHead;
use strongroom_core::{Settings, Vault};

use crate::asking::{card, card_number, token_for};
use crate::world::{World, let_others_run, settings};

/// A second node whose jobs run by the (paused) time.
async fn survivor(world: &World) -> Vault {
    world.start(signing("node-2")).await.unwrap()
}

fn signing(node: &str) -> Settings {
    Settings { checkpoint_interval: Duration::from_secs(5), ..settings(node) }
}

/// Passes for the vault's clock and the jobs' alike.
async fn pass(world: &World, duration: Duration) {
    world.clock.advance(duration);
    tokio::time::sleep(duration).await;
    let_others_run().await;
}

async fn signed(world: &World, stream: &str) -> u64 {
    world.store.latest_checkpoint(stream).await.unwrap().map_or(0, |row| row.size)
}

async fn head(world: &World, stream: &str) -> StreamHead {
    world.store.stream_head(stream).await.unwrap().unwrap()
}

/// After this the leases of a node that renews them once an hour have run out.
const UNTIL_GIVEN_UP: Duration = Duration::from_secs(3 * 3600 + 60);

/// A third node that wrote and is gone without a word.
async fn leave_an_orphan(world: &World) {
    let gone = world.start(settings("node-3")).await.unwrap();
    for index in 0..10 {
        token_for(&gone, card(&card_number(index))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_dead_nodes_stream_is_signed() {
    let world = World::open().await;
    leave_an_orphan(&world).await;
    let _survivor = survivor(&world).await;
    assert_eq!(signed(&world, "node-3.1").await, 0);
    // It may be alive: its lease is young.
    pass(&world, Duration::from_secs(6)).await;
    assert_eq!(signed(&world, "node-3.1").await, 0);
    pass(&world, UNTIL_GIVEN_UP).await;
    assert_eq!(signed(&world, "node-3.1").await, head(&world, "node-3.1").await.size);
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_records_do_not_lead_to_its_head_is_not_signed() {
    let world = World::open().await;
    leave_an_orphan(&world).await;
    let _survivor = survivor(&world).await;
    let cut_off = head(&world, "node-3.1").await;
    world.store.tamper_head(StreamHead { root: [7; 32], ..cut_off });
    pass(&world, UNTIL_GIVEN_UP).await;
    assert_eq!(signed(&world, "node-3.1").await, 0);
    world.store.stop_tampering();
    pass(&world, UNTIL_GIVEN_UP).await;
    assert_ne!(signed(&world, "node-3.1").await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_comes_back_signs_for_itself_again() {
    let world = World::open().await;
    let survivor = survivor(&world).await;
    leave_an_orphan(&world).await;
    pass(&world, UNTIL_GIVEN_UP).await;
    let adopted = signed(&world, "node-3.1").await;
    let back = world.start(signing("node-3")).await.unwrap();
    for _ in 0..10 {
        token_for(&back, card(&card_number(99))).await;
        pass(&world, Duration::from_secs(5)).await;
    }
    drop(survivor);
    assert!(signed(&world, "node-3.1").await > adopted);
    assert_eq!(signed(&world, "node-3.1").await, head(&world, "node-3.1").await.size);
}
