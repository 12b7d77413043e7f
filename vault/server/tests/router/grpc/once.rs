//! A token that is made once, however often it is asked for.

use axum::body::Body;
use http::HeaderValue;
use serde_json::json;
use strongroom_api::grpc::v1;

use super::*;
use crate::world::{CARD, Caller, World};

fn keyed(path: &str, body: Vec<u8>) -> Request<Body> {
    let mut request = request(path, Body::from(body));
    request.headers_mut().insert("idempotency-key", HeaderValue::from_static("order-42"));
    request
}

fn card(number: &str) -> Vec<u8> {
    let card = v1::CardInput { number: number.to_owned(), ..v1::CardInput::default() };
    framed(&v1::CreateTokenRequest {
        value: Some(v1::create_token_request::Value::Card(card)),
        ..v1::CreateTokenRequest::default()
    })
}

/// As another library might write it: the pairs in another order.
fn with_pairs(pairs: [&[u8]; 2]) -> Vec<u8> {
    let mut message = card(CARD)[5..].to_vec();
    for pair in pairs {
        message.extend([0x52, u8::try_from(pair.len()).unwrap()]);
        message.extend(pair);
    }
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], length.as_slice(), &message].concat()
}

#[tokio::test]
async fn the_same_request_gets_the_same_token_and_another_one_is_refused() {
    let world = World::new().await;
    let shop = Caller::Service("acme/shop");
    let (one, other): (&[u8], &[u8]) = (b"\x0a\x01a\x12\x011", b"\x0a\x01b\x12\x012");
    let first = world.converse(&shop, keyed(CREATE, with_pairs([one, other]))).await;
    let first: v1::CreateTokenResponse = first.only();
    let again = world.converse(&shop, keyed(CREATE, with_pairs([other, one]))).await;
    let again: v1::CreateTokenResponse = again.only();
    assert_eq!(again.encode_to_vec(), first.encode_to_vec());
    assert_eq!(first.token.unwrap().metadata.len(), 2);

    let conflict = world.converse(&shop, keyed(CREATE, card("5555555555554444"))).await;
    assert_eq!((conflict.status(), conflict.code()), ("9", "idempotency_conflict"));
    let mut rest =
        crate::world::request("POST", "/v1/tokens", Some(&json!({"type": "card", "card": {"number": CARD}})));
    rest.headers_mut().insert("idempotency-key", HeaderValue::from_static("order-42"));
    world.send(&shop, rest).await.expect_problem(422, "idempotency_conflict");
    let listed = world.get("acme/shop", "/v1/tokens").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

/// Not even a digest of the code may be kept, so that another code is not noticed, as in REST.
#[tokio::test]
async fn a_request_is_known_without_its_security_code() {
    let world = World::new().await;
    let with_code = |code: &str| {
        let card = v1::CardInput { number: CARD.to_owned(), ..v1::CardInput::default() };
        framed(&v1::CreateTokenRequest {
            value: Some(v1::create_token_request::Value::Card(card)),
            security_code: Some(code.to_owned()),
            ..v1::CreateTokenRequest::default()
        })
    };
    let shop = Caller::Service("acme/shop");
    let first: v1::CreateTokenResponse = world.converse(&shop, keyed(CREATE, with_code("123"))).await.only();
    let again: v1::CreateTokenResponse = world.converse(&shop, keyed(CREATE, with_code("124"))).await.only();
    assert_eq!(again.encode_to_vec(), first.encode_to_vec());
    assert!(first.token.unwrap().security_code_expires_at.is_some());
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_a_stream_takes_no_key() {
    let world = World::new().await;
    let shop = Caller::Service("acme/shop");
    let refused = world.converse(&shop, keyed(CREATE, card("4111111111111112"))).await;
    assert_eq!((refused.status(), refused.code()), ("3", "card_number_invalid"));
    assert_eq!(refused.details().1.as_deref(), Some("/card/number"));
    let made: v1::CreateTokenResponse = world.converse(&shop, keyed(CREATE, card(CARD))).await.only();
    assert!(made.created);
    let stream = world.converse(&shop, keyed(CREATE_MANY, card(CARD))).await;
    assert_eq!(stream.code(), "header_invalid");
}
