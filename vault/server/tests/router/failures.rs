//! What callers hear when the vault cannot.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use strongroom_core::ports::HsmError;
use strongroom_core::ports::store::{CommitError, StoreError};
use strongroom_policies::CedarPolicy;
use strongroom_server::router::Limits;

use crate::world::{CARD, Caller, Panicking, World, endless, request};

#[tokio::test]
async fn a_full_house_says_when_to_come_again() {
    let limits = Limits { in_flight: 0, retry_after: Duration::from_secs(7), ..Limits::default() };
    let world = World::with(limits, Arc::new(CedarPolicy::load().unwrap())).await;
    let answer = world.get("acme/shop", "/v1/tokens").await;
    let problem = answer.expect_problem(503, "overloaded");
    assert_eq!(problem["retryable"], true);
    assert_eq!(answer.header("retry-after"), "7");
}

/// A new connection costs more than the request; whoever is turned away keeps the one it has, if its body was small.
#[tokio::test]
async fn a_full_house_keeps_the_connection_of_a_small_request() {
    let limits = Limits { in_flight: 0, ..Limits::default() };
    let world = World::with(limits, Arc::new(CedarPolicy::load().unwrap())).await;
    for (length, connection) in [(100, ""), (20_000, "close")] {
        let body = json!({ "type": "card", "metadata": { "text": "x".repeat(length) } });
        let answer = world.post("acme/shop", "/v1/tokens", &body).await;
        answer.expect_problem(503, "overloaded");
        assert_eq!(answer.header("connection"), connection, "{length} bytes");
    }
}

/// Places inside are given back, also by those who were refused and those who left.
#[tokio::test]
async fn places_come_free_again() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let world = World::with(limits, Arc::new(CedarPolicy::load().unwrap())).await;
    for _ in 0..3 {
        world.get("acme/shop", "/v1/tokens").await.expect(200);
        world.get("acme/shop", "/v1/tokens/x").await.expect_problem(404, "not_found");
        world.get("acme/nobody", "/v1/tokens").await.expect_problem(403, "permission_denied");
        let waits = world.send(&Caller::Service("acme/shop"), endless("/v1/tokens"));
        assert!(tokio::time::timeout(Duration::from_millis(5), waits).await.is_err());
        assert_eq!(world.get("acme/auditor", "/v1/audit/export").await.status, 200);
    }
}

#[tokio::test]
async fn an_hsm_that_is_away_is_worth_another_try() {
    let world = World::new().await;
    world.hsm.fail_with(Some(HsmError::Unavailable("away")));
    let key = json!({ "name": "notes", "purpose": "field-encryption" });
    let answer = world.post("acme/keys", "/v1/keys", &key).await;
    answer.expect_problem(503, "hsm_unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn without_a_record_nothing_happens() {
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    world.store.fail_commits(Some(CommitError::NotWritten(StoreError::Unavailable("full"))));
    let reveal = json!({ "purpose": "refund", "reveal": "full" });
    let answer = world.post("acme/shop", &format!("/v1/tokens/{token}/detokenize"), &reveal).await;
    answer.expect_problem(503, "audit_unavailable");
    assert!(!answer.text().contains(CARD));
}

#[tokio::test]
async fn a_panic_is_an_answer_without_a_word_of_it() {
    let world = World::with(Limits::default(), Arc::new(Panicking)).await;
    let answer = world.send(&Caller::Service("acme/shop"), request("GET", "/v1/tokens", None)).await;
    let problem = answer.expect_problem(500, "internal_error");
    assert!(!answer.text().contains("made-up") && !answer.text().contains(CARD), "{problem}");
    world.get("acme/shop", "/v1/openapi.json").await.expect(200);
}
