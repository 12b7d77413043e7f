//! The record as it is taken away.

use std::sync::Arc;

use http_body_util::BodyExt;
use serde_json::Value;
use strongroom_core::ports::store::StoreError;
use strongroom_policies::CedarPolicy;
use strongroom_server::router::Limits;

use crate::world::{CARD, Caller, World, request};

#[tokio::test]
async fn is_lines_of_json_with_a_beginning_and_an_end() {
    let world = World::new().await;
    world.token("acme/shop", CARD).await;
    world.token("other/shop", CARD).await;
    let answer = world.get("acme/auditor", "/v1/audit/export").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 4);
    assert_eq!(lines.last().unwrap()["type"], "end", "{}", lines.last().unwrap());
    assert!(answer.text().contains("service/shop"));
    assert!(!answer.text().contains("tenant/other"), "another tenant's records must be hashes only");
    world
        .get("acme/auditor", "/v1/audit/export?from=2026-01-01T00:00:00Z")
        .await
        .expect_problem(400, "invalid_request");
}

/// The first part is there, the rest cannot be read: the body breaks off and cannot pass for a whole one.
#[tokio::test]
async fn breaks_off_when_the_record_cannot_be_read() {
    let world = World::new().await;
    world.token("acme/shop", CARD).await;
    let mut request = request("GET", "/v1/audit/export", None);
    let peer = world.peer(&Caller::Service("acme/auditor")).unwrap();
    request.extensions_mut().insert(Arc::new(peer));
    let mut body = tower::ServiceExt::oneshot(world.router.clone(), request).await.unwrap().into_body();
    assert!(body.frame().await.unwrap().is_ok());
    world.store.fail_reads(Some(StoreError::Unavailable("gone")));
    let mut outcome = body.frame().await;
    while let Some(Ok(_)) = outcome {
        outcome = body.frame().await;
    }
    assert!(outcome.unwrap().is_err());
    assert!(body.frame().await.is_none());
}

/// Whoever takes the record away slowly is at work as long as that takes.
#[tokio::test]
async fn keeps_its_place_until_its_end() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let world = World::with(limits, Arc::new(CedarPolicy::load().unwrap())).await;
    let mut request = request("GET", "/v1/audit/export", None);
    request.extensions_mut().insert(Arc::new(world.peer(&Caller::Service("acme/auditor")).unwrap()));
    let response = tower::ServiceExt::oneshot(world.router.clone(), request).await.unwrap();
    world.get("acme/shop", "/v1/tokens").await.expect_problem(503, "overloaded");
    assert!(!response.into_body().collect().await.unwrap().to_bytes().is_empty());
    world.get("acme/shop", "/v1/tokens").await.expect(200);
}
