//! Unsealed keys: asked for once, shared, and not kept beyond their time.

use std::time::Duration;

use strongroom_core::ports::HsmError;
use strongroom_core::{Settings, VaultError};
use tokio::task::JoinSet;

use crate::asking::{card, card_number, create_key, encrypt, field, rotate_key, tokenize_one};
use crate::world::{World, call, settings};

#[tokio::test]
async fn a_key_is_asked_for_again_when_its_time_is_over() {
    let world = World::open().await;
    let time_to_live = Duration::from_secs(600);
    let vault = world.start(Settings { key_time_to_live: time_to_live, ..settings("node-2") }).await.unwrap();
    create_key(&vault, "notes").await.unwrap();
    let before = world.hsm.opened();
    for _ in 0..3 {
        encrypt(&vault, "notes", field("text", "note")).await.unwrap();
    }
    assert_eq!(world.hsm.opened() - before, 1);
    world.clock.advance(time_to_live - Duration::from_millis(1));
    encrypt(&vault, "notes", field("text", "note")).await.unwrap();
    assert_eq!(world.hsm.opened() - before, 1);
    world.clock.advance(Duration::from_millis(1));
    world.hsm.memory.fail_with(Some(HsmError::Unavailable("told to fail")));
    let refusal = encrypt(&vault, "notes", field("text", "note")).await.err();
    assert_eq!(refusal, Some(VaultError::HsmUnavailable), "what is over is over, even if the HSM is away");
    world.hsm.memory.fail_with(None);
    encrypt(&vault, "notes", field("text", "note")).await.unwrap();
    assert_eq!(world.hsm.opened() - before, 3);
}

#[tokio::test]
async fn many_requests_at_once_ask_for_a_key_once() {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    let before = world.hsm.opened();
    let mut running = JoinSet::new();
    for _ in 0..32 {
        let vault = world.vault.clone();
        running.spawn(async move { encrypt(&vault, "notes", field("text", "note")).await.is_ok() });
    }
    assert!(running.join_all().await.into_iter().all(|ok| ok));
    assert_eq!(world.hsm.opened() - before, 1);
}

#[tokio::test]
async fn a_change_elsewhere_in_the_registry_does_not_cost_the_keys_in_use() {
    let world = World::open().await;
    tokenize_one(&world.vault, &call("acme", "tokenizer"), card(&card_number(1))).await.unwrap();
    create_key(&world.vault, "notes").await.unwrap();
    encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    let before = world.hsm.opened();
    create_key(&world.vault, "letters").await.unwrap();
    rotate_key(&world.vault, "letters").await.unwrap();
    encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    tokenize_one(&world.vault, &call("acme", "tokenizer"), card(&card_number(2))).await.unwrap();
    assert_eq!(world.hsm.opened(), before);
}
