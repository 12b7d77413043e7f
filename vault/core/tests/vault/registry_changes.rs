//! The key ring changes when, and only when, the change is durable; on this node and on the others.

use std::time::Duration;

use strongroom_core::{Idempotency, NewIdentity, Settings, VaultError};
use strongroom_domain::{IdempotencyKey, KeyState, KeyVersion, Reveal};
use tokio::task::JoinSet;

use crate::asking::{
    answer, card, card_number, create_key, decrypt, detokenize, encrypt, field, key_name, rotate_key, sealed,
    shows, token_for,
};
use crate::world::{World, call, service, settings};

#[tokio::test]
async fn a_change_that_was_not_written_is_not_in_use() {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    world.fail_commits(true);
    assert_eq!(create_key(&world.vault, "letters").await.err(), Some(VaultError::AuditUnavailable));
    assert_eq!(rotate_key(&world.vault, "notes").await.err(), Some(VaultError::AuditUnavailable));
    world.fail_commits(false);
    let missing = encrypt(&world.vault, "letters", field("text", "note")).await;
    assert_eq!(missing.err(), Some(VaultError::NotFound));
    let version = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().key_version;
    assert_eq!(version, KeyVersion::FIRST);
    // The turn to change the registry came back, and the next change is made from what is stored.
    create_key(&world.vault, "letters").await.unwrap();
    let rotated = rotate_key(&world.vault, "notes").await.unwrap();
    assert_eq!(rotated.current_version.get(), 2);
    assert_eq!(rotated.versions[0].state, KeyState::Deactivated);
    assert!(world.start(settings("node-2")).await.is_ok());
}

#[tokio::test]
async fn names_are_unique_in_their_tenant() {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    assert_eq!(create_key(&world.vault, "notes").await.err(), Some(VaultError::AlreadyExists));
    let unseen = world.vault.get_key(&call("globex", "key-admin"), &key_name("notes")).await;
    assert_eq!(unseen, Err(VaultError::NotFound));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_at_the_same_time_all_take_effect() {
    let world = World::open().await;
    let mut running = JoinSet::new();
    for index in 0..24 {
        let vault = world.vault.clone();
        running.spawn(async move { create_key(&vault, &format!("key-{index}")).await.is_ok() });
    }
    assert!(running.join_all().await.into_iter().all(|ok| ok));
    assert_eq!(world.vault.list_keys(&call("acme", "key-admin")).await.unwrap().len(), 25);
    let again = world.start(settings("node-2")).await.unwrap();
    assert_eq!(again.list_keys(&call("acme", "key-admin")).await.unwrap().len(), 25);
}

#[tokio::test]
async fn another_nodes_change_is_picked_up() {
    let world = World::open().await;
    let other = world.start(polling("node-2")).await.unwrap();
    create_key(&world.vault, "notes").await.unwrap();
    let ciphertext = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().ciphertext;
    let opened = loop {
        match decrypt(&other, "notes", sealed(&ciphertext, "note")).await {
            Err(VaultError::NotFound) => tokio::time::sleep(Duration::from_millis(5)).await,
            settled => break settled.unwrap(),
        }
    };
    assert!(opened.plaintext.ct_eq(b"text"));
    let token = token_for(&other, card(&card_number(1))).await;
    let revealed = detokenize(&world.vault, &call("acme", "detokenizer"), &token, Reveal::Full).await;
    assert!(revealed.is_ok());
}

#[tokio::test]
async fn a_slow_hsm_holds_up_no_news() {
    let world = World::open().await;
    let other = world.start(polling("node-2")).await.unwrap();
    let asked = world.hsm.asked_for_material();
    let held_up = world.hsm.hold_up().await;
    let (one, two, three) = (other.clone(), other.clone(), other.clone());
    let creating = tokio::spawn(async move { create_key(&one, "letters").await });
    let rotating = tokio::spawn(async move { rotate_key(&two, "tokenization").await });
    // Its answer is to be kept, under a key that this node has not unsealed yet.
    let introducing = tokio::spawn(async move {
        let key = IdempotencyKey::parse("introduce").unwrap();
        let once = Idempotency { key, target: "POST /v1/identities", body: b"{}" };
        let reason = "a test".to_owned();
        let identity = NewIdentity { service: service("shop"), reason, expires_at: None };
        let caller = call("acme", "identity-admin");
        three.create_identity(&caller, identity, Some(once), |_| answer("")).await
    });
    let news = async {
        while world.hsm.asked_for_material() < asked + 2 || world.hsm.opened() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let admin = call("acme", "identity-admin");
        world.vault.disable_identity(&admin, &service("key-admin")).await.unwrap();
        let refused = Some(VaultError::PermissionDenied);
        while other.list_keys(&call("acme", "key-admin")).await.err() != refused {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), news).await.unwrap();
    drop(held_up);
    assert!(creating.await.unwrap().is_ok());
    assert_eq!(rotating.await.unwrap().unwrap().current_version.get(), 2);
    assert!(introducing.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_node_that_lost_a_race_for_the_registry_looks_again_at_once() {
    let world = World::open().await;
    // It would hear of the other's change by itself only in an hour.
    let other = world.start(settings("node-2")).await.unwrap();
    create_key(&world.vault, "notes").await.unwrap();
    create_key(&other, "letters").await.unwrap();
    assert_eq!(create_key(&other, "notes").await.err(), Some(VaultError::AlreadyExists));
    create_key(&world.vault, "postcards").await.unwrap();
    let again = world.start(settings("node-3")).await.unwrap();
    let keys = again.list_keys(&call("acme", "key-admin")).await.unwrap();
    let names: Vec<_> = keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["letters", "notes", "postcards", "tokenization"]);
}

#[tokio::test]
async fn a_token_sealed_under_a_version_not_yet_heard_of_makes_a_node_look_again() {
    let world = World::open().await;
    let other = world.start(settings("node-2")).await.unwrap();
    rotate_key(&world.vault, "tokenization").await.unwrap();
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let revealed = detokenize(&other, &call("acme", "detokenizer"), &token, Reveal::Full).await;
    assert!(shows(&revealed.unwrap(), &card_number(1)));
}

fn polling(node: &str) -> Settings {
    Settings { registry_poll_interval: Duration::from_millis(5), ..settings(node) }
}
