//! Bodies that are too large, broken or not what they should be.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use serde_json::json;
use strongroom_api::{ROUTES, Route};

use crate::samples::Things;
use crate::world::{CARD, Caller, World, content_type, with_bytes};

#[tokio::test]
async fn every_route_has_its_cap() {
    let world = World::new().await;
    let things = Things::in_world(&world).await;
    for route in ROUTES {
        let sample = things.sample(route);
        let caller = Caller::Service(sample.caller);
        let too_much = vec![b' '; route.body_cap + 1];

        let (status, code) = match route.body_cap {
            0 => (400, "invalid_request"),
            _ => (413, "payload_too_large"),
        };
        let stated = world.send(&caller, with_bytes(route.method, &sample.path, too_much.clone())).await;
        stated.expect_problem(status, code);
        assert_eq!(stated.header("connection"), "close", "{}", route.path);

        let chunks = too_much.chunks(1000).map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)));
        let unstated = Request::builder()
            .method(route.method)
            .uri(&sample.path)
            .header("content-type", content_type(&sample.path))
            .body(Body::from_stream(futures_util::stream::iter(chunks.collect::<Vec<_>>())))
            .unwrap();
        world.send(&caller, unstated).await.expect_problem(status, code);
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_read() {
    let world = World::new().await;
    let things = Things::in_world(&world).await;
    for route in ROUTES.iter().filter(|route| route.body_cap > 0) {
        let sample = things.sample(route);
        let mut body = sample.body.unwrap().to_string().into_bytes();
        body.resize(route.body_cap, b' ');
        let answer =
            world.send(&Caller::Service(sample.caller), with_bytes(route.method, &sample.path, body)).await;
        assert_eq!(answer.status, sample.status, "{}: {}", route.path, answer.text());
    }
}

/// What a caller may get wrong, each with a card number in it.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let deep = [vec![b'['; 100_000], CARD.as_bytes().to_vec(), vec![b']'; 100_000]].concat();
    let truncated = format!(r#"{{"type":"card","card":{{"number":"{CARD}"#).into_bytes();
    let mut not_utf_8 = format!(r#"{{"type":"card","card":{{"number":"{CARD}"#).into_bytes();
    not_utf_8.extend_from_slice(b"\xff\"}}");
    vec![
        ("empty", Vec::new()),
        ("a number for the body", CARD.into()),
        ("a string for the body", format!("\"{CARD}\"").into()),
        ("an array for the body", format!("[\"{CARD}\"]").into()),
        ("null for the body", "null".into()),
        ("nested deeply", deep),
        ("truncated", truncated),
        ("not UTF-8", not_utf_8),
        ("two values", format!("{{}} {CARD}").into()),
        ("an unknown name", json!({ CARD: 1 }).to_string().into()),
        ("an unknown value", json!({ "unknown": CARD }).to_string().into()),
        (
            "a card number as a number",
            json!({ "type": "card", "card": { "number": 4111111111111111_u64 } }).to_string().into(),
        ),
        ("a card number as a fraction", format!(r#"{{"type":"card","card":{{"number":{CARD}.5}}}}"#).into()),
        (
            "a card number as a list",
            json!({ "type": "card", "card": { "number": [CARD] } }).to_string().into(),
        ),
        (
            "a card number for the kind",
            json!({ "type": CARD, "card": { "number": CARD } }).to_string().into(),
        ),
        (
            "a card number for the profile",
            json!({ "type": "card", "card": { "number": CARD }, "profile": CARD.repeat(5) })
                .to_string()
                .into(),
        ),
        (
            "a security code",
            json!({ "type": "card", "card": { "number": CARD, "cvc": "737" } }).to_string().into(),
        ),
        ("no items", json!({ "items": [] }).to_string().into()),
        ("items that are numbers", json!({ "items": [4111111111111111_u64] }).to_string().into()),
        ("names twice", format!(r#"{{"type":"card","type":"{CARD}"}}"#).into()),
    ]
}

async fn refuses(world: &World, things: &Things, route: &Route, what: &str, body: Vec<u8>) {
    let sample = things.sample(route);
    let request = with_bytes(route.method, &sample.path, body);
    let answer = world.send(&Caller::Service(sample.caller), request).await;
    assert!((400..500).contains(&answer.status), "{what} at {}: {}", route.path, answer.text());
    let shown =
        format!("{} {:?}", answer.text().replace(answer.request_id(), ""), answer.headers.get("location"));
    assert!(!shown.contains("4111") && !shown.contains("737"), "{what} at {}: {shown}", route.path);
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_not_repeated() {
    let world = World::new().await;
    let things = Things::in_world(&world).await;
    // Lines are refused one by one, by number; see the tests of jobs.
    let takes_json = |route: &&Route| route.body_cap > 0 && route.content_types() == ["application/json"];
    for route in ROUTES.iter().filter(takes_json) {
        for (what, body) in hostile() {
            if body.len() <= route.body_cap || what == "nested deeply" {
                refuses(&world, &things, route, what, body).await;
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_says_where() {
    let world = World::new().await;
    for (body, code, pointer) in [
        (json!({ "type": "card", "card": { "number": 1 } }), "invalid_request", "/card/number"),
        (json!({ "type": "card", "card": { "number": "1" } }), "card_number_invalid", "/card/number"),
        (
            json!({ "type": "card", "card": { "number": CARD, "exp_month": 13, "exp_year": 2030 } }),
            "invalid_request",
            "/card/exp_month",
        ),
        (
            json!({ "type": "card", "card": { "number": CARD }, "profile": "none" }),
            "profile_not_found",
            "/profile",
        ),
        (
            json!({ "type": "card", "card": { "number": CARD }, "metadata": { "n": CARD } }),
            "card_number_in_metadata",
            "/metadata",
        ),
    ] {
        let answer = world.post("acme/shop", "/v1/tokens", &body).await;
        let problem = answer.json();
        assert_eq!((&problem["code"], &problem["pointer"]), (&code.into(), &pointer.into()), "{problem}");
    }
}

#[tokio::test]
async fn a_batch_has_at_most_a_thousand_items() {
    let world = World::new().await;
    let item = json!({ "type": "card", "card": { "number": CARD } });
    let full = json!({ "items": vec![item.clone(); 1000] });
    let done = world.post("acme/shop", "/v1/tokens/batch", &full).await.expect(200);
    assert_eq!(done["items"].as_array().unwrap().len(), 1000);
    let over = json!({ "items": vec![item; 1001] });
    world.post("acme/shop", "/v1/tokens/batch", &over).await.expect_problem(400, "invalid_request");
}
