//! Cards that a client encrypted for the vault: taken wherever a card number is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};
use strongroom_crypto::jwe::PublicJwk;
use strongroom_domain::Secret;

use crate::world::{CARD, Caller, World, request};

async fn world() -> World {
    let world = World::new().await;
    for name in ["browsers", "phones"] {
        let key = json!({ "name": name, "purpose": "client-encryption" });
        world.post("acme/keys", "/v1/keys", &key).await.expect(201);
    }
    world
}

async fn keys_of(world: &World, name: &str) -> Vec<Value> {
    let set = world.get("acme/shop", &format!("/v1/keys/{name}/jwks")).await.expect(200);
    set["keys"].as_array().unwrap().clone()
}

fn encrypted(jwk: &Value, plaintext: &str) -> String {
    let jwk = PublicJwk::parse(jwk.to_string().as_bytes()).unwrap();
    jwk.seal(&Secret::new([7; 32]), plaintext.as_bytes()).unwrap()
}

fn card() -> String {
    json!({ "number": CARD, "exp_month": 12, "exp_year": 2030, "holder": "A N Other" }).to_string()
}

fn wanted(jwe: &str) -> Value {
    json!({ "type": "card", "encrypted_card": jwe })
}

#[tokio::test]
async fn a_card_is_taken_encrypted_alone_in_a_batch_and_to_be_found() {
    let world = world().await;
    for name in ["browsers", "phones"] {
        let jwk = keys_of(&world, name).await.remove(0);
        assert_eq!((&jwk["kty"], &jwk["alg"], &jwk["use"]), (&json!("EC"), &json!("ECDH-ES"), &json!("enc")));
        let jwe = encrypted(&jwk, &card());
        let made = world.post("acme/shop", "/v1/tokens", &wanted(&jwe)).await.expect(201);
        assert_eq!((&made["card"]["last4"], &made["card"]["exp_year"]), (&json!("1111"), &json!(2030)));
        let batch = json!({ "items": [wanted(&jwe), wanted("no.jwe"), wanted(&jwe)] });
        let batch = world.post("acme/shop", "/v1/tokens/batch", &batch).await.expect(200);
        let statuses: Vec<_> =
            batch["items"].as_array().unwrap().iter().map(|item| item["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [201, 422, 201]);
        let found = world.post("acme/shop", "/v1/tokens/search", &wanted(&jwe)).await.expect(200);
        let found = found["items"].as_array().unwrap();
        assert!(found.iter().any(|token| token["token"] == made["token"]));
    }
}

#[tokio::test]
async fn after_a_rotation_the_old_key_is_still_taken_and_the_new_one_comes_first() {
    let world = world().await;
    let old = keys_of(&world, "browsers").await.remove(0);
    let rotate = request("POST", "/v1/keys/browsers/rotate", None);
    world.send(&Caller::Service("acme/keys"), rotate).await.expect(200);
    let keys = keys_of(&world, "browsers").await;
    assert_eq!((keys.len(), &keys[1]), (2, &old));
    for jwk in &keys {
        world.post("acme/shop", "/v1/tokens", &wanted(&encrypted(jwk, &card()))).await.expect(201);
    }
}

/// Whatever is wrong with it, the answer is the same, by whatever call it comes.
#[tokio::test]
async fn every_refusal_looks_alike() {
    let world = world().await;
    let jwk = keys_of(&world, "browsers").await.remove(0);
    let good = encrypted(&jwk, &card());
    let parts: Vec<&str> = good.split('.').collect();
    let altered = |place: usize, part: &str| {
        let mut parts = parts.clone();
        parts[place] = part;
        parts.join(".")
    };
    let strangers = json!({ "name": "browsers", "purpose": "client-encryption" });
    world.post("other/keys", "/v1/keys", &strangers).await.expect(201);
    let strangers = world.get("other/shop", "/v1/keys/browsers/jwks").await.expect(200)["keys"][0].clone();
    let flipped = if parts[3].starts_with('A') { "B" } else { "A" }.to_owned() + parts[3].split_at(1).1;
    let header = |change: &dyn Fn(&mut Value)| {
        let mut header: Value = serde_json::from_slice(&BASE64URL.decode(parts[0]).unwrap()).unwrap();
        change(&mut header);
        altered(0, &BASE64URL.encode(header.to_string()))
    };
    let with = |name: &'static str, value: Value| header(&|header| header[name] = value.clone());
    let without = |name: &'static str| header(&|header| drop(header.as_object_mut().unwrap().remove(name)));
    let twice = {
        let header = String::from_utf8(BASE64URL.decode(parts[0]).unwrap()).unwrap();
        altered(0, &BASE64URL.encode(header.replacen('{', r#"{"alg":"none","#, 1)))
    };
    let point = |header: &mut Value| header["epk"]["y"] = header["epk"]["x"].clone();
    let curve = |header: &mut Value| header["epk"]["crv"] = json!("P-384");
    let private = |header: &mut Value| header["epk"]["d"] = header["epk"]["x"].clone();
    let mut answers = std::collections::BTreeSet::new();
    let mut found = std::collections::BTreeSet::new();
    for jwe in [
        with("alg", json!("none")),
        with("alg", json!("dir")),
        with("alg", json!("RSA1_5")),
        with("alg", json!("ECDH-ES+A256KW")),
        with("enc", json!("A128GCM")),
        with("enc", json!("A256CBC-HS512")),
        with("kid", json!("another")),
        with("kid", json!(1)),
        with("zip", json!("DEF")),
        with("crit", json!(["exp"])),
        with("jku", json!("https://keys.example")),
        with("cty", json!("x".repeat(2000))),
        without("alg"),
        without("enc"),
        without("kid"),
        without("epk"),
        twice,
        header(&point),
        header(&curve),
        header(&private),
        altered(3, &"A".repeat(12_000)),
        String::new(),
        "x".to_owned(),
        altered(0, "e30"),
        altered(1, "AAAA"),
        altered(2, "AAAAAAAAAAAAAAAA"),
        altered(3, &flipped),
        altered(4, "AAAAAAAAAAAAAAAAAAAAAA"),
        encrypted(&strangers, &card()),
    ] {
        let answer = world.post("acme/shop", "/v1/tokens", &wanted(&jwe)).await;
        let mut problem = answer.expect_problem(422, "jwe_refused");
        problem["request_id"] = Value::Null;
        answers.insert(problem.to_string());
        let searched = world.post("acme/shop", "/v1/tokens/search", &wanted(&jwe)).await;
        searched.expect_problem(422, "jwe_refused");
        found.insert(searched.anonymous());
        let batch = json!({ "items": [wanted(&jwe)] });
        let mut batch = world.post("acme/shop", "/v1/tokens/batch", &batch).await.expect(200);
        let item = &mut batch["items"][0]["error"];
        assert_eq!(item["pointer"], "/items/0/encrypted_card");
        (item["request_id"], item["pointer"]) = (Value::Null, json!("/encrypted_card"));
        answers.insert(item.to_string());
    }
    // Longer than any that is opened: only a batch has room for it.
    let oversize = altered(3, &"A".repeat(100_000));
    let batch = json!({ "items": [wanted(&oversize)] });
    let mut batch = world.post("acme/shop", "/v1/tokens/batch", &batch).await.expect(200);
    let item = &mut batch["items"][0]["error"];
    (item["request_id"], item["pointer"]) = (Value::Null, json!("/encrypted_card"));
    answers.insert(item.to_string());
    assert_eq!((answers.len(), found.len()), (1, 1), "{answers:?}");
}

#[tokio::test]
async fn what_is_inside_is_checked_like_any_card() {
    let world = world().await;
    let jwk = keys_of(&world, "browsers").await.remove(0);
    for (plaintext, status, code) in [
        (r#"{"number":"4111111111111112"}"#, 422, "card_number_invalid"),
        (r#"{"number":"4111111111111111","exp_month":12}"#, 400, "invalid_request"),
        (r#"{"number":"4111111111111111","cvc":"123"}"#, 422, "jwe_refused"),
        (r#"{"number":"4111111111111111","security_code":"1234"}"#, 422, "security_code_invalid"),
        ("4111111111111111", 422, "jwe_refused"),
    ] {
        let answer = world.post("acme/shop", "/v1/tokens", &wanted(&encrypted(&jwk, plaintext))).await;
        answer.expect_problem(status, code);
        assert!(!answer.text().contains("4111"));
    }
    let both = json!({ "type": "card", "card": { "number": CARD }, "encrypted_card": "x" });
    world.post("acme/shop", "/v1/tokens", &both).await.expect_problem(400, "invalid_request");
    let other = json!({ "type": "text", "encrypted_card": "x" });
    world.post("acme/shop", "/v1/tokens", &other).await.expect_problem(400, "invalid_request");
    let notes = json!({ "name": "notes", "purpose": "field-encryption" });
    world.post("acme/keys", "/v1/keys", &notes).await.expect(201);
    world.get("acme/shop", "/v1/keys/notes/jwks").await.expect_problem(409, "key_state_invalid");
}
