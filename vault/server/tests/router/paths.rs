//! There is one way to write a path.

use crate::world::{CARD, Caller, World, request};

const SHOP: Caller = Caller::Service("acme/shop");

#[tokio::test]
async fn what_could_be_read_in_two_ways_is_not_there() {
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    for path in [
        "/v1/tokens/".to_owned(),
        "//v1/tokens".to_owned(),
        "/v1//tokens".to_owned(),
        "/v1/./tokens".to_owned(),
        "/v1/keys/../tokens".to_owned(),
        "/v1/keys/%2e%2e/tokens".to_owned(),
        "/v1/keys%2f..%2ftokens".to_owned(),
        "/v1/%74okens".to_owned(),
        format!("/v1/tokens/%74{}", &token[1..]),
        format!("/v1/tokens/{token};a=b"),
        format!("/v1/tokens/{token}/"),
        "/v1".to_owned(),
        "/v2/tokens".to_owned(),
        "/V1/tokens".to_owned(),
        "/".to_owned(),
    ] {
        world.send(&SHOP, request("GET", &path, None)).await.expect_problem(404, "not_found");
    }
    world.get("acme/shop", &format!("/v1/tokens/{token}")).await.expect(200);
}

#[tokio::test]
async fn a_path_has_its_methods_and_says_which() {
    let world = World::new().await;
    for (method, path, allow) in [
        ("PUT", "/v1/tokens", "POST, GET"),
        ("HEAD", "/v1/tokens", "POST, GET"),
        ("OPTIONS", "/v1/tokens/batch", "POST"),
        ("GET", "/v1/tokens/search", "POST"),
        ("POST", "/v1/tokens/tok_00000000000000000000000000000000", "GET, PATCH, DELETE"),
        ("BREW", "/v1/status", "GET"),
    ] {
        let answer = world.send(&SHOP, request(method, path, None)).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        if method != "HEAD" {
            answer.expect_problem(405, "method_not_allowed");
        }
    }
}

#[tokio::test]
async fn a_query_is_for_calls_that_ask() {
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    for path in [
        format!("/v1/tokens/{token}?verbose=1"),
        format!("/v1/tokens?pan={CARD}"),
        "/v1/tokens?limit=0".to_owned(),
        "/v1/tokens?limit=1001".to_owned(),
        format!("/v1/tokens?limit={CARD}"),
        "/v1/tokens?limit=1&limit=2".to_owned(),
        "/v1/tokens?limit=%zz".to_owned(),
    ] {
        let answer = world.get("acme/shop", &path).await;
        answer.expect_problem(400, "invalid_request");
        assert!(!answer.text().replace(answer.request_id(), "").contains("4111"), "{}", answer.text());
    }
    let events = world.get("acme/auditor", "/v1/audit/events?from=yesterday").await;
    events.expect_problem(400, "invalid_request");
}
