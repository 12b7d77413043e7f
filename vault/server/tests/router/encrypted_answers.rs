//! Values that leave encrypted to a key of the caller's, as they go over the wire.

use serde_json::{Value, json};
use strongroom_crypto::jwe::{Jwe, RecipientKey};

use crate::samples::{pair, public_key};
use crate::world::{CARD, World};

const KEYS: &str = "/v1/identities/shop/encryption-keys";

async fn world() -> (World, String) {
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    (world, token)
}

pub(crate) async fn register(world: &World, number: u8) -> String {
    let key = json!({ "jwk": public_key(number), "reason": "the shop opens its cards itself" });
    let made = world.post("acme/people", KEYS, &key).await.expect(201);
    assert_eq!(made["jwk"], public_key(number));
    made["kid"].as_str().unwrap().to_owned()
}

pub(crate) fn opened(pair: &RecipientKey, jwe: &Value) -> Value {
    let secret = pair.open(&Jwe::parse(jwe.as_str().unwrap()).unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test's card")]
    serde_json::from_slice(secret.expose()).unwrap()
}

#[tokio::test]
async fn one_and_many_leave_encrypted_and_nothing_in_clear() {
    let (world, token) = world().await;
    let kid = register(&world, 1).await;
    let text = json!({ "type": "text", "text": "a note \"with\" quotes", "profile": "default" });
    let text = world.post("acme/shop", "/v1/tokens", &text).await.expect(201)["token"].clone();
    let wanted = json!({ "purpose": "refund", "reveal": "full", "encrypt_to": kid });
    let one = world.post("acme/shop", &format!("/v1/tokens/{token}/detokenize"), &wanted).await;
    let answer = one.expect(200);
    assert!(!one.text().contains(CARD) && answer.get("card").is_none());
    let clear = json!({ "token": token, "type": "card", "card": { "number": CARD } });
    assert_eq!(opened(&pair(1), &answer["encrypted_value"]), clear);

    let items = json!([token, "no token", text]);
    let wanted = json!({ "purpose": "refund", "reveal": "full", "encrypt_to": "newest", "items": items });
    let many = world.post("acme/shop", "/v1/tokens/detokenize", &wanted).await;
    let answer = many.expect(200);
    assert!(!many.text().contains(CARD) && !many.text().contains("quotes"));
    let statuses: Vec<_> = answer["items"].as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, [&json!(200), &json!(404), &json!(200)]);
    assert_eq!(opened(&pair(1), &answer["items"][0]["encrypted_value"]), clear);
    let note = opened(&pair(1), &answer["items"][2]["encrypted_value"]);
    assert_eq!(note, json!({ "token": text, "type": "text", "text": "a note \"with\" quotes" }));
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_refused_by_one_code() {
    let (world, token) = world().await;
    let kid = register(&world, 1).await;
    world
        .send(
            &crate::world::Caller::Service("acme/people"),
            crate::world::request("POST", &format!("{KEYS}/{kid}/revoke"), None),
        )
        .await
        .expect(200);
    let others = json!({ "jwk": public_key(3), "reason": "another's" });
    world.post("acme/people", "/v1/identities/second/encryption-keys", &others).await.expect(201);
    let path = format!("/v1/tokens/{token}/detokenize");
    let mut answers = std::collections::BTreeSet::new();
    for encrypt_to in [kid.as_str(), pair(3).public().kid(), pair(4).public().kid(), "newest"] {
        let wanted = json!({ "purpose": "refund", "reveal": "full", "encrypt_to": encrypt_to });
        let answer = world.post("acme/shop", &path, &wanted).await;
        let problem = answer.expect_problem(422, "encryption_key_unusable");
        assert_eq!(problem["pointer"], "/encrypt_to");
        answers.insert(answer.anonymous());
        let events = world.events_of(answer.request_id()).await;
        assert_eq!(events[0]["outcome"], "encryption_key_unusable");
    }
    assert_eq!(answers.len(), 1);
    for (what, encrypt_to) in
        [("a flag", json!(true)), ("no thumbprint", json!("till-1")), ("a key", public_key(1))]
    {
        let wanted = json!({ "purpose": "refund", "reveal": "full", "encrypt_to": encrypt_to });
        let problem = world.post("acme/shop", &path, &wanted).await.expect_problem(400, "invalid_request");
        assert_eq!(problem["pointer"], "/encrypt_to", "{what}");
    }
    let masked = json!({ "purpose": "refund", "reveal": "masked", "encrypt_to": "newest" });
    world.post("acme/shop", &path, &masked).await.expect_problem(400, "invalid_request");
}

#[tokio::test]
async fn what_is_no_public_key_is_said_and_not_repeated() {
    let (world, _) = world().await;
    let with = |name: &str, value: Value| {
        let mut jwk = public_key(1);
        jwk[name] = value;
        jwk
    };
    for (what, jwk, said) in [
        ("off the curve", with("y", public_key(1)["x"].clone()), "point on P-256"),
        ("another curve", with("crv", json!("P-384")), "crv \"P-256\""),
        ("with its private part", with("d", json!("c2VjcmV0LXNlY3JldA")), "must be used no more"),
        ("RSA", json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" }), "kty \"EC\""),
        ("no object", json!("AQAB"), "one JSON object"),
    ] {
        let answer = world.post("acme/people", KEYS, &json!({ "jwk": jwk, "reason": "a test" })).await;
        let problem = answer.expect_problem(422, "public_key_invalid");
        assert_eq!(problem["pointer"], "/jwk", "{what}");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{what}: {problem}");
        assert!(!answer.text().contains("c2VjcmV0"));
        assert_eq!(world.events_of(answer.request_id()).await[0]["outcome"], "public_key_invalid");
    }
}

#[tokio::test]
async fn a_grant_can_be_for_encrypted_values_only() {
    let (world, token) = world().await;
    let grant = json!({ "role": "detokenizer", "encrypted_only": true, "reason": "a front tier" });
    let made = world.post("acme/people", "/v1/identities/second/grants", &grant).await.expect(201);
    assert_eq!(made["encrypted_only"], true);
    let wanted = json!({ "purpose": "refund", "reveal": "full" });
    let path = format!("/v1/tokens/{token}/detokenize");
    let refused = world.post("acme/second", &path, &wanted).await;
    refused.expect_problem(403, "encryption_required");
    assert_eq!(world.events_of(refused.request_id()).await[0]["outcome"], "encryption_required");
}
