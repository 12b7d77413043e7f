//! Requests to destinations outside, as far as a vault without any goes.

use serde_json::{Value, json};

use crate::world::{Caller, World, request};

fn payment() -> Value {
    json!({
        "destination": "acquirer", "method": "GET", "path": "/v1/payments/1", "purpose": "settlement",
        "tokens": {"card": "tok_0123456789abcdefghjkmnpqrstvwxyz"}
    })
}

#[tokio::test]
async fn a_vault_without_destinations_says_so() {
    let world = World::new().await;
    let problem = world.post("acme/gateway", "/v1/proxy", &payment()).await.expect(422);
    assert_eq!(problem["code"], "destination_not_found");
    assert_eq!((&problem["retryable"], &problem["pointer"]), (&json!(false), &json!("/destination")));
    let events = world.events_of(problem["request_id"].as_str().unwrap()).await;
    assert_eq!(events.len(), 1);
    assert_eq!(
        (&events[0]["action"], &events[0]["outcome"]),
        (&json!("proxy.forward"), &json!("destination_not_found"))
    );
    assert_eq!((&events[0]["purpose"], events[0].get("destination")), (&json!("settlement"), None));
}

#[tokio::test]
async fn what_may_change_something_needs_a_key() {
    let world = World::new().await;
    let mut body = payment();
    body["method"] = json!("POST");
    let problem = world.post("acme/gateway", "/v1/proxy", &body).await.expect(400);
    assert_eq!(problem["code"], "idempotency_key_required");
    let mut keyed = request("POST", "/v1/proxy", Some(&body));
    keyed.headers_mut().insert("idempotency-key", "payment-0001".parse().unwrap());
    let problem = world.send(&Caller::Service("acme/gateway"), keyed).await.expect(422);
    assert_eq!(problem["code"], "destination_not_found");
}

#[tokio::test]
async fn requests_are_what_the_contract_says() {
    let world = World::new().await;
    for (change, pointer) in [
        (json!({"tokens": {}}), "/tokens"),
        (json!({"tokens": {"Card": "tok_1"}}), "/tokens"),
        (json!({"purpose": "curiosity"}), "/purpose"),
        (json!({"headers": [{"name": "accept"}]}), "/headers/0"),
        (json!({"cookies": []}), ""),
    ] {
        let mut body = payment();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let problem = world.post("acme/gateway", "/v1/proxy", &body).await.expect(400);
        assert_eq!(problem["code"], "invalid_request");
        assert!(problem["pointer"].as_str().unwrap_or_default().starts_with(pointer), "{problem}");
    }
    for change in [json!({"body": "{}"}), json!({"content_type": "text/plain"}), json!({"timeout_ms": 0})] {
        let mut body = payment();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(
            world.post("acme/gateway", "/v1/proxy", &body).await.expect(400)["code"],
            "invalid_request"
        );
    }
    // What is no token at all goes the way of one that does not exist, after the destination.
    let mut body = payment();
    body["tokens"] = json!({"card": "4111 1111 1111 1111"});
    let answer = world.post("acme/gateway", "/v1/proxy", &body).await;
    let text = answer.expect(422).to_string();
    assert!(!text.contains("4111"), "{text}");
}
