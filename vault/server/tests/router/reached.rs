//! Every route leads to what it says, and what it did is on record.

use strongroom_api::{ROUTES, openapi};

use crate::samples::Things;
use crate::world::{Caller, World, request};

#[tokio::test]
async fn every_route_reaches_its_handler_and_the_record() {
    for route in ROUTES {
        // A world for each: some calls end what others are about.
        let world = World::new().await;
        let sample = Things::in_world(&world).await.sample(route);
        let request = request(route.method, &sample.path, sample.body.as_ref());
        let answer = world.send(&Caller::Service(sample.caller), request).await;
        assert_eq!(answer.status, sample.status, "{} {}: {}", route.method, route.path, answer.text());
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.request_id().starts_with("req_") && answer.request_id().len() == 36);

        let events = world.events_of(answer.request_id()).await;
        let Some(action) = route.action else {
            assert!(events.is_empty());
            continue;
        };
        assert!(!events.is_empty(), "{} leaves no record", route.path);
        for event in events {
            assert_eq!(event["action"], action.as_str(), "{}", route.path);
            let outcome = if answer.status < 400 { "success".into() } else { answer.json()["code"].clone() };
            assert_eq!(event["outcome"], outcome, "{}", route.path);
            assert_eq!(event["origin"], "192.0.2.7:50000");
        }
    }
}

#[tokio::test]
async fn serves_the_committed_document() {
    let world = World::new().await;
    let answer = world.get("acme/nobody", "/v1/openapi.json").await;
    assert_eq!(answer.text(), openapi::DOCUMENT);
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn tells_its_status() {
    let world = World::new().await;
    let status = world.get("acme/operator", "/v1/status").await.expect(200);
    assert_eq!(status["node"], "node");
    assert_eq!(status["hsm"]["health"], "ready");
    assert_eq!((&status["store"]["ready"], &status["audit"]["ready"]), (&true.into(), &true.into()));
}

#[tokio::test]
async fn a_trace_is_on_record_if_it_is_one() {
    let world = World::new().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (header, expected) in [
        (format!("00-{trace}-00f067aa0ba902b7-01"), Some(trace)),
        (format!("00-{trace}-00f067aa0ba902b7-01-more"), None),
    ] {
        let mut request = request("GET", "/v1/tokens", None);
        request.headers_mut().insert("traceparent", header.parse().unwrap());
        let answer = world.send(&Caller::Service("acme/shop"), request).await;
        answer.expect(200);
        let events = world.events_of(answer.request_id()).await;
        assert_eq!(events[0]["trace_id"].as_str(), expected);
    }
}
