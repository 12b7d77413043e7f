//! Headers that must be, must not be, or must not matter.

use http::HeaderValue;
use http::header::HeaderName;
use serde_json::json;

use crate::world::{CARD, Caller, World, request};

fn new_token() -> http::Request<axum::body::Body> {
    request("POST", "/v1/tokens", Some(&json!({ "type": "card", "card": { "number": CARD } })))
}

const SHOP: Caller = Caller::Service("acme/shop");

#[tokio::test]
async fn bodies_are_plain_json() {
    let world = World::new().await;
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-encoding", "gzip"),
        ("content-encoding", "identity, br"),
    ] {
        let mut request = new_token();
        request.headers_mut().insert(name, HeaderValue::from_static(value));
        world.send(&SHOP, request).await.expect_problem(415, "unsupported_media_type");
    }
    let mut request = new_token();
    request.headers_mut().remove("content-type");
    world.send(&SHOP, request).await.expect_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn what_stands_there_twice_is_refused() {
    let world = World::new().await;
    for name in ["content-length", "idempotency-key", "host", "content-type"] {
        let mut request = new_token();
        let name = HeaderName::from_static(name);
        let value = request.headers().get(&name).cloned().unwrap_or(HeaderValue::from_static("12345678"));
        request.headers_mut().insert(&name, value.clone());
        request.headers_mut().append(&name, value);
        world.send(&SHOP, request).await.expect_problem(400, "header_invalid");
    }
}

#[tokio::test]
async fn nothing_in_a_header_changes_who_asks_or_for_what() {
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    for (name, value) in [
        ("x-http-method-override", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x-original-url", "/v1/keys"),
        ("x-tenant-id", "other"),
        ("x-forwarded-client-cert", "URI=spiffe://example.org/tenant/other/service/shop"),
        ("authorization", "Bearer other"),
    ] {
        let mut request = request("GET", &format!("/v1/tokens/{token}"), None);
        request.headers_mut().insert(name, HeaderValue::from_static(value));
        assert_eq!(world.send(&SHOP, request).await.expect(200)["token"], token, "{name}");
    }
}

#[tokio::test]
async fn an_idempotency_key_has_its_form() {
    let world = World::new().await;
    let mut request = new_token();
    request.headers_mut().insert("idempotency-key", HeaderValue::from_static("short"));
    world.send(&SHOP, request).await.expect_problem(400, "header_invalid");
}
