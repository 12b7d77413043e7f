//! Every method is closed to those who are not known and to those who may not, on record, and capped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::HeaderValue;
use strongroom_api::grpc::{METHODS, Method, MethodId, v1};
use strongroom_policies::CedarPolicy;
use strongroom_server::authn::Unidentified;
use strongroom_server::router::Limits;

use super::*;
use crate::samples::Things;
use crate::world::{CARD, Caller, World};

/// A message to the method that goes well.
fn sample(things: &Things, id: MethodId) -> Vec<u8> {
    let card = v1::CardInput { number: CARD.to_owned(), ..v1::CardInput::default() };
    let context = [("record".to_owned(), "42".to_owned())].into();
    match id {
        MethodId::CreateToken | MethodId::CreateTokens => framed(&v1::CreateTokenRequest {
            value: Some(v1::create_token_request::Value::Card(card)),
            ..v1::CreateTokenRequest::default()
        }),
        MethodId::DetokenizeToken | MethodId::DetokenizeTokens => framed(&v1::DetokenizeTokenRequest {
            token: things.token().to_owned(),
            purpose: v1::DetokenizationPurpose::Refund.into(),
            reveal: v1::Reveal::Masked.into(),
            encrypt_to: None,
        }),
        MethodId::Encrypt | MethodId::EncryptFields => {
            framed(&v1::EncryptRequest { key: "notes".to_owned(), plaintext: b"note".to_vec(), context })
        }
        MethodId::Decrypt | MethodId::DecryptFields => framed(&v1::DecryptRequest {
            key: "notes".to_owned(),
            ciphertext: things.ciphertext(),
            context,
            ..v1::DecryptRequest::default()
        }),
    }
}

async fn ask(world: &World, caller: &Caller, method: &Method, body: Vec<u8>) -> Ended {
    world.converse(caller, request(method.path, Body::from(body))).await
}

#[tokio::test]
async fn every_method_is_closed_without_identity() {
    let world = World::new().await;
    let recorded = world.recorded().await;
    for method in METHODS {
        for stranger in
            [Caller::Nobody, Caller::Expired("acme/shop"), Caller::Unidentified(Unidentified::NotSpiffe)]
        {
            let looked = Arc::new(AtomicBool::new(false));
            let tell = Arc::clone(&looked);
            let body = Body::from_stream(futures_util::stream::poll_fn(move |_| {
                tell.store(true, Ordering::SeqCst);
                std::task::Poll::Ready(Some(Ok::<_, std::convert::Infallible>(Bytes::from_static(b"\0"))))
            }));
            let ended = world.converse(&stranger, request(method.path, body)).await;
            assert_eq!((ended.status(), ended.code()), ("16", "unauthenticated"), "{}", method.path);
            assert!(!looked.load(Ordering::SeqCst), "{} {stranger:?}", method.path);
        }
    }
    assert_eq!(world.recorded().await, recorded, "strangers must not be able to fill the record");
}

#[tokio::test]
async fn every_method_is_open_to_those_who_may_and_everything_is_on_record() {
    let world = World::new().await;
    let things = Things::in_world(&world).await;
    for method in METHODS {
        let body = sample(&things, method.id);
        let refused = ask(&world, &Caller::Service("acme/nobody"), method, body.clone()).await;
        assert_eq!((refused.status(), refused.code()), ("7", "permission_denied"), "{}", method.path);
        assert!(refused.messages.is_empty());
        let done = ask(&world, &Caller::Service("acme/shop"), method, body.clone()).await;
        assert_eq!(done.code(), "ok", "{}", method.path);
        assert_eq!(done.messages.len(), 1, "{}", method.path);
        for (ended, outcome) in [(&refused, "permission_denied"), (&done, "success")] {
            let events = world.events_of(ended.request_id()).await;
            assert_eq!(events.len(), 1, "{}", method.path);
            assert_eq!(events[0]["action"], method.action.as_str());
            assert_eq!(events[0]["outcome"], outcome);
        }
        // The same token, key and ciphertext are nothing to another tenant, and that is on record too.
        let foreign = ask(&world, &Caller::Service("other/shop"), method, body).await;
        let is_new = matches!(method.id, MethodId::CreateToken | MethodId::CreateTokens);
        if is_new || method.streams {
            assert_eq!(foreign.code(), "ok", "{}", method.path);
        } else {
            assert_eq!((foreign.status(), foreign.code()), ("5", "not_found"), "{}", method.path);
        }
        assert_eq!(world.events_of(foreign.request_id()).await.len(), 0, "acme does not see it");
    }
}

#[tokio::test]
async fn every_method_is_capped_before_anything_is_read() {
    let world = World::new().await;
    for method in METHODS {
        let length = u32::try_from(method.message_cap + 1).unwrap().to_be_bytes();
        let ended =
            ask(&world, &Caller::Service("acme/shop"), method, [&[0], length.as_slice()].concat()).await;
        assert_eq!((ended.status(), ended.code()), ("8", "payload_too_large"), "{}", method.path);
    }
}

#[tokio::test]
async fn a_full_house_says_when_to_come_again() {
    let limits = Limits { in_flight: 0, ..Limits::default() };
    let world = World::with(limits, Arc::new(CedarPolicy::load().unwrap())).await;
    for path in [ENCRYPT, ENCRYPT_MANY] {
        let ended = world.call("acme/shop", path, &[v1::EncryptRequest::default()]).await;
        assert_eq!((ended.status(), ended.code()), ("14", "overloaded"));
        let (info, _, again) = ended.details();
        assert_eq!((info.reason.as_str(), info.metadata["retryable"].as_str()), ("OVERLOADED", "true"));
        assert_eq!(again, Some(1));
    }
}

#[tokio::test]
async fn what_is_not_of_the_protocol_is_refused_in_the_language_it_came_in() {
    let world = World::new().await;
    let shop = Caller::Service("acme/shop");
    let with = |name: &'static str, value: &'static str| {
        let mut request = request(ENCRYPT, Body::empty());
        request.headers_mut().insert(name, HeaderValue::from_static(value));
        request
    };
    for (request, code) in [
        (with("grpc-encoding", "gzip"), "unsupported_media_type"),
        (with("grpc-timeout", "soon"), "header_invalid"),
        (request("/strongroom.v1.TokenService/Nothing", Body::empty()), "method_not_allowed"),
        (request("/v1/tokens", Body::empty()), "method_not_allowed"),
        (request(ENCRYPT, Body::empty()), "invalid_request"),
        (
            request(ENCRYPT, Body::from(framed(&v1::EncryptRequest::default())[..3].to_vec())),
            "invalid_request",
        ),
    ] {
        assert_eq!(world.converse(&shop, request).await.code(), code);
    }
    let json = world.post("acme/shop", ENCRYPT, &serde_json::json!({})).await;
    json.expect_problem(415, "unsupported_media_type");
    let http_1 = world.post("acme/shop", "/strongroom.v1.TokenService/Nothing", &serde_json::json!({})).await;
    http_1.expect_problem(404, "not_found");
}

#[tokio::test]
async fn who_waits_no_longer_is_told_so_and_a_silent_caller_is_not_waited_for() {
    let limits = Limits { body_deadline: std::time::Duration::from_millis(20), ..Limits::default() };
    let world = World::with(limits, Arc::new(CedarPolicy::load().unwrap())).await;
    for path in [CREATE, CREATE_MANY] {
        for timeout in [None, Some("1m")] {
            let never = futures_util::stream::pending::<Result<Bytes, std::convert::Infallible>>();
            let mut request = request(path, Body::from_stream(never));
            if let Some(timeout) = timeout {
                request.headers_mut().insert("grpc-timeout", HeaderValue::from_static(timeout));
            }
            let ended = world.converse(&Caller::Service("acme/shop"), request).await;
            assert_eq!((ended.status(), ended.code()), ("4", "request_timeout"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_ends_ends_the_stream() {
    let world = World::new().await;
    let clock = Arc::clone(&world.clock);
    let item = Bytes::from(framed(&v1::EncryptRequest::default()));
    let items = futures_util::stream::iter(0..2).then(move |turn| {
        let (clock, item) = (Arc::clone(&clock), item.clone());
        async move {
            if turn == 1 {
                // Not before the first has been worked on.
                tokio::task::yield_now().await;
                clock.advance(std::time::Duration::from_secs(7200));
            }
            Ok::<_, std::convert::Infallible>(item)
        }
    });
    let ended =
        world.converse(&Caller::Service("acme/shop"), request(ENCRYPT_MANY, Body::from_stream(items))).await;
    assert_eq!(ended.code(), "unauthenticated");
    assert_eq!(ended.messages.len(), 1, "what came before it is answered");
}
