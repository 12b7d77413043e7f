//! The streams of nodes that are gone end under a signature of a node that lives on.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::StreamHead;
use strongroom_core::{Settings, Vault};

use crate::asking::{card, card_number, token_for};
use crate::world::{World, let_others_run, settings};

/// A second node whose jobs run by the (paused) time.
async fn survivor(world: &World) -> Vault {
    let settings = Settings { checkpoint_interval: Duration::from_secs(5), ..settings("node-2") };
    world.start(settings).await.unwrap()
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
    pass(&world, Duration::from_secs(6)).await;
    assert_eq!(signed(&world, "node-3.1").await, head(&world, "node-3.1").await.size);
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_records_do_not_lead_to_its_head_is_not_signed() {
    let world = World::open().await;
    leave_an_orphan(&world).await;
    let _survivor = survivor(&world).await;
    let cut_off = head(&world, "node-3.1").await;
    world.store.tamper_head(StreamHead { root: [7; 32], ..cut_off });
    pass(&world, Duration::from_secs(60)).await;
    assert_eq!(signed(&world, "node-3.1").await, 0);
    world.store.stop_tampering();
    pass(&world, Duration::from_secs(60)).await;
    assert_ne!(signed(&world, "node-3.1").await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_comes_back_signs_for_itself_again() {
    let world = World::open().await;
    let survivor = survivor(&world).await;
    leave_an_orphan(&world).await;
    pass(&world, Duration::from_secs(30)).await;
    let adopted = signed(&world, "node-3.1").await;
    let back = Settings { checkpoint_interval: Duration::from_secs(5), ..settings("node-3") };
    let back = world.start(back).await.unwrap();
    for _ in 0..10 {
        token_for(&back, card(&card_number(99))).await;
        pass(&world, Duration::from_secs(5)).await;
    }
    drop(survivor);
    assert!(signed(&world, "node-3.1").await > adopted);
    assert_eq!(signed(&world, "node-3.1").await, head(&world, "node-3.1").await.size);
}
