//! Every route is closed to those who are not known and to those who may not, and the latter are on record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use strongroom_api::ROUTES;
use strongroom_server::authn::Unidentified;
use strongroom_server::router::Limits;

use crate::samples::Things;
use crate::world::{Caller, World, request};

fn strangers() -> Vec<Caller> {
    let mut strangers = vec![Caller::Nobody, Caller::Expired("acme/shop")];
    strangers.extend(
        [
            Unidentified::Malformed,
            Unidentified::NotOneUri,
            Unidentified::NotSpiffe,
            Unidentified::NotForClients,
            Unidentified::ForeignTrustDomain,
            Unidentified::Expired,
        ]
        .map(Caller::Unidentified),
    );
    strangers
}

/// A body that tells whether anybody looked at it.
fn tell_tale() -> (Body, Arc<AtomicBool>) {
    let looked = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&looked);
    let stream = futures_util::stream::poll_fn(move |_| {
        tell.store(true, Ordering::SeqCst);
        std::task::Poll::Ready(Some(Ok::<_, std::convert::Infallible>(Bytes::from_static(b"{}"))))
    });
    (Body::from_stream(stream), looked)
}

#[tokio::test]
async fn every_route_is_closed_without_identity() {
    let world = World::new().await;
    let things = Things::in_world(&world).await;
    let recorded = world.recorded().await;
    for route in ROUTES {
        for stranger in strangers() {
            let (body, looked) = tell_tale();
            let request = Request::builder()
                .method(route.method)
                .uri(things.sample(route).path)
                .header("content-type", "application/json");
            let answer = world.send(&stranger, request.body(body).unwrap()).await;
            answer.expect_problem(401, "unauthenticated");
            assert_eq!(answer.header("connection"), "close");
            assert!(!looked.load(Ordering::SeqCst), "{} {stranger:?}", route.path);
        }
    }
    assert_eq!(world.recorded().await, recorded, "strangers must not be able to fill the record");
}

#[tokio::test]
async fn strangers_learn_nothing_of_paths_methods_or_load() {
    let limits = Limits { in_flight: 0, ..Limits::default() };
    let policy = strongroom_policies::CedarPolicy::load().unwrap();
    let world = World::with(limits, Arc::new(policy)).await;
    for (method, path) in
        [("GET", "/v1/tokens"), ("PUT", "/v1/tokens"), ("GET", "/v2"), ("GET", "/"), ("GET", "/v1/%2e")]
    {
        let answer = world.send(&Caller::Nobody, request(method, path, None)).await;
        answer.expect_problem(401, "unauthenticated");
        assert!(!answer.headers.contains_key("allow"));
    }
}

#[tokio::test]
async fn every_route_is_closed_without_permission_and_that_is_on_record() {
    let world = World::new().await;
    let things = Things::in_world(&world).await;
    for route in ROUTES {
        let sample = things.sample(route);
        let request = request(route.method, &sample.path, sample.body.as_ref());
        let answer = world.send(&Caller::Service("acme/nobody"), request).await;
        let Some(action) = route.action else {
            assert_eq!(answer.status, 200, "{}", route.path);
            continue;
        };
        answer.expect_problem(403, "permission_denied");
        let events = world.events_of(answer.request_id()).await;
        assert_eq!(events.len(), 1, "{}", route.path);
        assert_eq!(events[0]["action"], action.as_str());
        assert_eq!(events[0]["outcome"], "permission_denied");
        assert_eq!(events[0]["actor"], "spiffe://example.org/tenant/acme/service/nobody");
    }
}

#[tokio::test]
async fn an_identity_that_nobody_made_known_may_nothing() {
    let world = World::new().await;
    world.get("acme/unheard-of", "/v1/tokens").await.expect_problem(403, "permission_denied");
    world.get("unheard-of/shop", "/v1/tokens").await.expect_problem(403, "permission_denied");
}
