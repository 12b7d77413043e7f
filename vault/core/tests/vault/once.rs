//! Requests with an idempotency key happen once, whatever becomes of the first answer.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::AnswerRow;
use strongroom_core::{Answer, Call, Idempotency, NewToken, Tokenized, Vault, VaultError};
use strongroom_domain::IdempotencyKey;

use crate::asking::{answer, card, card_number, metadata, rotate_key};
use crate::world::{NODE, World, call, let_others_run, service, settings, tenant};

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_has_no_second_effect() {
    let world = World::open().await;
    let first = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    let again = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    assert_eq!((first.status, &first.body), (200, &again.body));
    assert!(String::from_utf8(first.body).unwrap().starts_with("tok_"));
    assert_eq!(world.store.tokens_written(), 1);
    rotate_key(&world.vault, "tokenization").await.unwrap();
    let later = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    assert_eq!(later.body, again.body);
}

/// Found by the simulation: the node that is asked again had not heard of the key version behind the kept answer.
#[tokio::test]
async fn an_answer_that_another_node_kept_under_a_new_key_version_is_given_again() {
    let world = World::open().await;
    let other = world.start(settings("node-2")).await.unwrap();
    rotate_key(&other, "tokenization").await.unwrap();
    let first = ask(&other, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    let again = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    assert_eq!(again.body, first.body);
    assert_eq!(world.store.tokens_written(), 1);
}

#[tokio::test]
async fn the_same_key_for_something_else_is_a_conflict() {
    let world = World::open().await;
    ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    let caller = call("acme", "tokenizer");
    let other = ask(&world.vault, &caller, "order-0001", "another body").await.err();
    assert_eq!(other, Some(VaultError::IdempotencyConflict));
    assert_eq!(world.records_of(&caller).await[0].outcome, "idempotency_conflict");
    let shifted =
        ask_at(&world.vault, &call("acme", "tokenizer"), "order-0001", "POST /v1/token", "sbody").await;
    assert_eq!(shifted.err(), Some(VaultError::IdempotencyConflict));
    assert_eq!(world.store.tokens_written(), 1);
}

#[tokio::test]
async fn a_key_is_its_callers_own() {
    let world = World::open().await;
    let first = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    let theirs = ask(&world.vault, &call("globex", "tokenizer"), "order-0001", "body").await.unwrap();
    assert_ne!(first.body, theirs.body);
    let refusal = ask(&world.vault, &call("acme", "auditor"), "order-0001", "body").await.err();
    assert_eq!(refusal, Some(VaultError::PermissionDenied), "who may not ask is not answered from the shelf");
}

#[tokio::test]
async fn a_request_under_way_is_not_begun_again() {
    let world = World::open().await;
    let held = world.store.hold_commits().await;
    let first = tokio::spawn(asking(world.vault.clone()));
    let_others_run().await;
    let second = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.err();
    assert_eq!(second, Some(VaultError::IdempotencyInProgress));
    drop(held);
    let first = first.await.unwrap().unwrap();
    let third = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    assert_eq!(first.body, third.body);
    assert_eq!(world.store.tokens_written(), 1);
}

#[tokio::test]
async fn two_nodes_asked_at_once_do_it_once() {
    let world = World::open().await;
    let other = world.start(settings("node-2")).await.unwrap();
    let held = world.store.hold_commits().await;
    let asked = [tokio::spawn(asking(world.vault.clone())), tokio::spawn(asking(other))];
    let_others_run().await;
    drop(held);
    let mut bodies = Vec::new();
    for request in asked {
        bodies.push(request.await.unwrap().unwrap().body);
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(world.store.tokens_written(), 1);
}

#[tokio::test]
async fn the_answer_outlives_the_node() {
    let world = World::open().await;
    let first = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    world.vault.clone().close().await.unwrap();
    let vault = world.start(settings(NODE)).await.unwrap();
    let again = ask(&vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    assert_eq!(first.body, again.body);
    assert_eq!(world.store.tokens_written(), 1);
}

#[tokio::test]
async fn what_failed_may_be_asked_again() {
    let world = World::open().await;
    world.fail_commits(true);
    let refused = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.err();
    assert_eq!(refused, Some(VaultError::AuditUnavailable));
    world.fail_commits(false);
    assert!(ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.is_ok());
}

#[tokio::test]
async fn a_stored_answer_is_sealed_for_its_place() {
    let world = World::open().await;
    let first = ask(&world.vault, &call("acme", "tokenizer"), "order-0001", "body").await.unwrap();
    let row = stored(&world, "order-0001").await;
    let clear: [&[u8]; 5] = [&first.body, b"tok_", b"secret order", b"400000", b"body"];
    for clear in clear {
        let row_bytes = [row.answer.as_slice(), &row.request_digest].concat();
        assert!(!row_bytes.windows(clear.len()).any(|window| window == clear));
    }
    assert_eq!(world.store.find_answer(&tenant("globex"), &row.service, &row.key).await, Ok(None));
}

/// The answer of a request is the token it was given and the metadata it came with.
async fn ask(vault: &Vault, caller: &Call, key: &str, body: &str) -> Result<Answer, VaultError> {
    ask_at(vault, caller, key, "POST /v1/tokens", body).await
}

async fn ask_at(
    vault: &Vault,
    caller: &Call,
    key: &str,
    target: &str,
    body: &str,
) -> Result<Answer, VaultError> {
    let metadata = metadata(&[("note", "secret order")]).unwrap();
    let items = vec![Ok(NewToken { metadata, ..card(&card_number(1)) })];
    let idempotency = Idempotency { key: idempotency_key(key), target, body: body.as_bytes() };
    let render = |made: &Vec<Result<Tokenized, VaultError>>| {
        let view = &made[0].as_ref().unwrap().token;
        answer(&format!("{} {:?} {:?}", view.token, view.shown, view.metadata))
    };
    vault.tokenize(caller, items, Some(idempotency), render).await
}

async fn asking(vault: Vault) -> Result<Answer, VaultError> {
    ask(&vault, &call("acme", "tokenizer"), "order-0001", "body").await
}

fn idempotency_key(key: &str) -> IdempotencyKey {
    IdempotencyKey::parse(key).unwrap()
}

async fn stored(world: &World, key: &str) -> AnswerRow {
    let store: Arc<dyn Store> = world.store.clone();
    let found = store.find_answer(&tenant("acme"), &service("tokenizer"), &idempotency_key(key)).await;
    found.unwrap().unwrap()
}
