//! Requests that happen once, however often they come.

use axum::body::Body;
use http::{HeaderValue, Request};
use serde_json::{Value, json};

use crate::world::{Answered, CARD, Caller, World, request};

fn keyed(path: &str, key: &'static str, body: Option<&Value>) -> Request<Body> {
    let mut request = request("POST", path, body);
    request.headers_mut().insert("idempotency-key", HeaderValue::from_static(key));
    request
}

async fn create(world: &World, service: &'static str, key: &'static str, body: &Value) -> Answered {
    world.send(&Caller::Service(service), keyed("/v1/tokens", key, Some(body))).await
}

fn new_token(number: &str) -> Value {
    json!({ "type": "card", "card": { "number": number } })
}

#[tokio::test]
async fn the_same_request_gets_the_same_bytes() {
    let world = World::new().await;
    let first = create(&world, "acme/shop", "order-42", &new_token(CARD)).await;
    first.expect(201);
    let again = create(&world, "acme/shop", "order-42", &new_token(CARD)).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("content-type"), "application/json");
    assert_ne!(again.request_id(), first.request_id());
    let listed = world.get("acme/shop", "/v1/tokens").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn another_request_with_the_same_key_is_refused() {
    let world = World::new().await;
    create(&world, "acme/shop", "order-42", &new_token(CARD)).await.expect(201);
    let other_body = create(&world, "acme/shop", "order-42", &new_token("5555555555554444")).await;
    other_body.expect_problem(422, "idempotency_conflict");
    let other_call = keyed("/v1/tokens/batch", "order-42", Some(&json!({ "items": [new_token(CARD)] })));
    let other_call = world.send(&Caller::Service("acme/shop"), other_call).await;
    other_call.expect_problem(422, "idempotency_conflict");
}

#[tokio::test]
async fn a_key_belongs_to_its_caller() {
    let world = World::new().await;
    let mut tokens = Vec::new();
    for service in ["acme/shop", "acme/second", "other/shop"] {
        let made = create(&world, service, "order-42", &new_token(CARD)).await.expect(201);
        tokens.push(made["token"].as_str().unwrap().to_owned());
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
}

/// A refusal did nothing, so it is not what the caller is to hear for ever.
#[tokio::test]
async fn a_refusal_is_not_kept() {
    let world = World::new().await;
    let body = json!({ "type": "card", "card": { "number": CARD }, "profile": "later" });
    let refused = create(&world, "acme/shop", "order-42", &body).await;
    refused.expect_problem(422, "profile_not_found");
    assert_eq!(world.events_of(refused.request_id()).await[0]["outcome"], "profile_not_found");
    world.post("acme/keys", "/v1/token-profiles", &json!({ "name": "later" })).await.expect(201);
    create(&world, "acme/shop", "order-42", &body).await.expect(201);

    let wrong = new_token("4111111111111112");
    create(&world, "acme/shop", "order-43", &wrong).await.expect_problem(422, "card_number_invalid");
    create(&world, "acme/shop", "order-43", &new_token(CARD)).await.expect(201);
}

#[tokio::test]
async fn a_batch_is_kept_with_what_failed_in_it() {
    let world = World::new().await;
    let body = json!({ "items": [new_token(CARD), new_token("4111111111111112")] });
    let send =
        || world.send(&Caller::Service("acme/shop"), keyed("/v1/tokens/batch", "batch-42", Some(&body)));
    let first = send().await;
    first.expect(200);
    assert_eq!(send().await.body, first.body);
}

#[tokio::test]
async fn a_call_without_a_body_happens_once_too() {
    let world = World::new().await;
    let key = json!({ "name": "notes", "purpose": "field-encryption" });
    world.post("acme/keys", "/v1/keys", &key).await.expect(201);
    for _ in 0..3 {
        let rotate = keyed("/v1/keys/notes/rotate", "rotate-1", None);
        let rotated = world.send(&Caller::Service("acme/keys"), rotate).await.expect(200);
        assert_eq!(rotated["current_version"], 2);
    }
}
