//! Pages, and cursors that lead to the next one.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{CARD, World};

async fn pages(world: &World, caller: &'static str, path: &str, limit: u32) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let cursor_part = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = world.get(caller, &format!("{path}?limit={limit}{cursor_part}")).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit as usize);
        seen.extend(items.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn pages_show_everything_once() {
    let world = World::new().await;
    for name in ["a", "b", "c"] {
        world.token("acme/shop", CARD).await;
        world.clock.advance(Duration::from_millis(1));
        let key = json!({ "name": name, "purpose": "field-encryption" });
        world.post("acme/keys", "/v1/keys", &key).await.expect(201);
        world.post("acme/keys", "/v1/token-profiles", &json!({ "name": name })).await.expect(201);
    }
    for (caller, path, name, count) in [
        ("acme/shop", "/v1/tokens", "token", 3),
        ("acme/keys", "/v1/keys", "name", 4),
        ("acme/keys", "/v1/token-profiles", "name", 4),
        ("acme/people", "/v1/identities", "service", 8),
    ] {
        for limit in [1, 2, 100] {
            let items = pages(&world, caller, path, limit).await;
            let names: BTreeSet<_> = items.iter().map(|item| item[name].as_str().unwrap()).collect();
            assert_eq!((items.len(), names.len()), (count, count), "{path}");
        }
    }
    let events = world.get("acme/auditor", "/v1/audit/events?action=key.create&limit=2").await.expect(200);
    let next = events["next_cursor"].as_str().unwrap();
    let rest = world.get("acme/auditor", &format!("/v1/audit/events?action=key.create&cursor={next}")).await;
    assert_eq!(rest.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_cursor_is_for_its_tenant_and_its_list() {
    let world = World::new().await;
    for service in ["acme/shop", "other/shop"] {
        world.token(service, CARD).await;
        world.token(service, CARD).await;
    }
    let page = world.get("other/shop", "/v1/tokens?limit=1").await.expect(200);
    let foreign = page["next_cursor"].as_str().unwrap();
    for (caller, path) in
        [("acme/shop", "/v1/tokens"), ("other/keys", "/v1/keys"), ("other/auditor", "/v1/audit/events")]
    {
        let answer = world.get(caller, &format!("{path}?cursor={foreign}")).await;
        answer.expect_problem(400, "invalid_request");
    }
    world.get("other/shop", &format!("/v1/tokens?cursor={foreign}")).await.expect(200);
}

#[tokio::test]
async fn a_cursor_is_for_its_question_and_its_caller() {
    let world = World::new().await;
    for number in [CARD, CARD, "5555555555554444"] {
        world.token("acme/shop", number).await;
    }
    let page = world.get("acme/shop", "/v1/tokens?limit=1&bin=411111").await.expect(200);
    let next = page["next_cursor"].as_str().unwrap();
    for (caller, question) in [
        ("acme/shop", ""),
        ("acme/shop", "&bin=555555"),
        ("acme/shop", "&bin=411111&last4=1111"),
        ("acme/second", "&bin=411111"),
    ] {
        let answer = world.get(caller, &format!("/v1/tokens?cursor={next}{question}")).await;
        answer.expect_problem(400, "invalid_request");
    }
    let rest = world.get("acme/shop", &format!("/v1/tokens?cursor={next}&bin=411111")).await.expect(200);
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert!(rest.get("next_cursor").is_none());
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused_and_not_ignored() {
    let world = World::new().await;
    for question in [
        "bin=41111",
        "last4=11",
        "brand=vsia",
        "state=deleted",
        "type=cards",
        "tag=a%20b",
        "alias=4111111111111111",
        "created_from=yesterday",
        "bni=411111",
    ] {
        let answer = world.get("acme/shop", &format!("/v1/tokens?{question}")).await;
        let detail = answer.expect_problem(400, "invalid_request").to_string();
        assert!(!detail.contains("4111"), "{detail}");
    }
}

#[tokio::test]
async fn a_token_is_named_by_its_alias_in_paths_too() {
    let world = World::new().await;
    let body = json!({
        "type": "card", "card": {"number": CARD}, "aliases": ["customer-42/card-1"], "tags": ["gold"]
    });
    let made = world.post("acme/shop", "/v1/tokens", &body).await.expect(201);
    assert_eq!((&made["aliases"], &made["tags"]), (&json!(["customer-42/card-1"]), &json!(["gold"])));
    for path in ["/v1/tokens/alias:customer-42%2Fcard-1", "/v1/tokens/alias%3Acustomer-42%2Fcard-1"] {
        assert_eq!(world.get("acme/shop", path).await.expect(200)["token"], made["token"]);
    }
    let wanted = json!({"purpose": "display", "reveal": "masked"});
    let path = "/v1/tokens/alias:customer-42%2Fcard-1/detokenize";
    let shown = world.post("acme/shop", path, &wanted).await;
    let request_id = shown.request_id().to_owned();
    assert_eq!(shown.expect(200)["token"], made["token"]);
    let events = world.events_of(&request_id).await;
    assert_eq!((&events[0]["object"], &events[0]["alias"]), (&made["token"], &json!("customer-42/card-1")));
    let found = world.get("acme/auditor", "/v1/audit/events?object=alias%3Acustomer-42%2Fcard-1").await;
    assert_eq!(found.expect(200)["items"].as_array().unwrap().len(), 3);
    world.post("acme/shop", "/v1/tokens", &body).await.expect_problem(409, "alias_taken");
    for refused in [json!(["4111-1111-1111-1111"]), json!(["9999990000001234"]), json!(["a//b"])] {
        let body = json!({"type": "card", "card": {"number": CARD}, "aliases": refused});
        let problem = world.post("acme/shop", "/v1/tokens", &body).await;
        assert!(!problem.expect_problem(400, "invalid_request").to_string().contains("1111"));
    }
    // Neither is what it is not.
    for path in ["/v1/tokens/customer-42%2Fcard-1", "/v1/tokens/alias:nobody", "/v1/tokens/alias:a%2F..%2Fb"]
    {
        world.get("acme/shop", path).await.expect_problem(404, "not_found");
    }
}
