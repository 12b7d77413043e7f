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
        ("acme/people", "/v1/identities", "service", 7),
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
