//! What the calls about tokens show, and to whom.

use serde_json::json;

use crate::world::{CARD, Caller, World, request};

#[tokio::test]
async fn a_value_comes_back_as_far_as_it_was_asked_for() {
    let world = World::new().await;
    let card =
        json!({ "number": "4111 1111 1111 1111", "exp_month": 12, "exp_year": 2030, "holder": "A N Other" });
    let body = json!({ "type": "card", "card": card, "ttl_seconds": 3600, "metadata": { "order": "42" } });
    let made = world.post("acme/shop", "/v1/tokens", &body).await.expect(201);
    assert_eq!(
        made["card"],
        json!({ "brand": "visa", "bin": "411111", "last4": "1111", "exp_month": 12, "exp_year": 2030 })
    );
    assert_eq!(made["metadata"], json!({ "order": "42" }));
    assert!(made["fingerprint"].as_str().unwrap().starts_with("fp_"));

    let path = format!("/v1/tokens/{}/detokenize", made["token"].as_str().unwrap());
    let masked = json!({ "purpose": "display", "reveal": "masked" });
    let masked = world.post("acme/shop", &path, &masked).await.expect(200);
    assert_eq!(masked["card"], json!({ "number": "411111******1111", "exp_month": 12, "exp_year": 2030 }));
    let full = json!({ "purpose": "authorisation", "reveal": "full" });
    let full = world.post("acme/shop", &path, &full).await.expect(200);
    assert_eq!(full["card"]["number"], CARD);
    assert_eq!(full["card"]["holder"], "A N Other");
    let denied = json!({ "purpose": "migration", "reveal": "full" });
    world.post("acme/shop", &path, &denied).await.expect_problem(403, "purpose_denied");
}

#[tokio::test]
async fn not_there_and_not_yours_are_the_same() {
    let world = World::new().await;
    let foreign = world.token("other/shop", CARD).await;
    let own = world.token("acme/shop", CARD).await;
    world.send(&Caller::Service("acme/shop"), request("DELETE", &format!("/v1/tokens/{own}"), None)).await;
    let misspelt = format!("{}{}", &foreign[..35], if foreign.ends_with('0') { '1' } else { '0' });
    let nothing = world.get("acme/shop", "/v1/nothing").await.anonymous();

    let reveal = json!({ "purpose": "refund", "reveal": "full" });
    for token in [foreign.as_str(), own.as_str(), misspelt.as_str(), "999999999999", "x"] {
        let path = format!("/v1/tokens/{token}");
        assert_eq!(world.get("acme/shop", &path).await.anonymous(), nothing, "{token}");
        let deleted = world.send(&Caller::Service("acme/shop"), request("DELETE", &path, None)).await;
        assert_eq!(deleted.anonymous(), nothing, "{token}");
        let revealed = world.post("acme/shop", &format!("{path}/detokenize"), &reveal).await;
        assert_eq!(revealed.anonymous(), nothing, "{token}");
        // Whoever tries to turn back what is not there is on record, whatever it was.
        let events = world.events_of(revealed.request_id()).await;
        assert_eq!((events.len(), &events[0]["outcome"]), (1, &"not_found".into()), "{token}");
    }
    world.get("other/shop", &format!("/v1/tokens/{foreign}")).await.expect(200);
}

#[tokio::test]
async fn a_batch_does_what_it_can() {
    let world = World::new().await;
    let item = |number: &str| json!({ "type": "card", "card": { "number": number } });
    let body = json!({ "items": [item(CARD), item("4111111111111112"), item("5555555555554444")] });
    let answer = world.post("acme/shop", "/v1/tokens/batch", &body).await;
    let items = answer.expect(200)["items"].clone();
    let statuses: Vec<_> = items.as_array().unwrap().iter().map(|item| item["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(201), Some(422), Some(201)]);
    assert_eq!(items[1]["error"]["code"], "card_number_invalid");
    assert_eq!(items[1]["error"]["pointer"], "/items/1/card/number");
    assert_eq!(items[1]["error"]["request_id"], answer.request_id());
    assert_eq!(world.events_of(answer.request_id()).await.len(), 3);

    let tokens =
        [items[0]["token"]["token"].clone(), "no token at all".into(), items[2]["token"]["token"].clone()];
    let body = json!({ "purpose": "refund", "reveal": "full", "items": tokens });
    let values = world.post("acme/shop", "/v1/tokens/detokenize", &body).await.expect(200)["items"].clone();
    assert_eq!(values[0]["card"]["number"], CARD);
    assert_eq!((&values[1]["status"], &values[1]["error"]["code"]), (&404.into(), &"not_found".into()));
    assert_eq!(values[2]["card"]["number"], "5555555555554444");
}

#[tokio::test]
async fn a_deterministic_profile_says_that_it_found_its_token() {
    let world = World::new().await;
    let profile = json!({ "name": "same", "reuse": "deterministic" });
    world.post("acme/keys", "/v1/token-profiles", &profile).await.expect(201);
    let body = json!({ "type": "card", "card": { "number": CARD }, "profile": "same" });
    let made = world.post("acme/shop", "/v1/tokens", &body).await.expect(201);
    let found = world.post("acme/shop", "/v1/tokens", &body).await.expect(200);
    assert_eq!(made["token"], found["token"]);
    let search = json!({ "type": "card", "card": { "number": CARD }, "profile": "same" });
    let items = world.post("acme/shop", "/v1/tokens/search", &search).await.expect(200)["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1);
    assert_eq!(items[0]["token"], made["token"]);
}

#[tokio::test]
async fn a_token_for_single_use_is_used_once() {
    let world = World::new().await;
    let body = json!({ "type": "card", "card": { "number": CARD }, "single_use": true });
    let made = world.post("acme/shop", "/v1/tokens", &body).await.expect(201);
    let path = format!("/v1/tokens/{}/detokenize", made["token"].as_str().unwrap());
    let reveal = json!({ "purpose": "refund", "reveal": "full" });
    world.post("acme/shop", &path, &reveal).await.expect(200);
    world.post("acme/shop", &path, &reveal).await.expect_problem(410, "token_used");
}

#[tokio::test]
async fn fields_come_back_in_their_own_place_only() {
    let world = World::new().await;
    let key = json!({ "name": "notes", "purpose": "field-encryption" });
    world.post("acme/keys", "/v1/keys", &key).await.expect(201);
    let field = json!({ "plaintext": "bm90ZQ==", "context": { "record": "42" } });
    let sealed = world.post("acme/shop", "/v1/keys/notes/encrypt", &field).await.expect(200);
    let items = json!({ "items": [
        { "ciphertext": sealed["ciphertext"], "context": { "record": "42" } },
        { "ciphertext": sealed["ciphertext"], "context": { "record": "43" } },
        { "ciphertext": "AAAA", "context": { "record": "42" } },
    ] });
    let opened = world.post("acme/shop", "/v1/keys/notes/decrypt", &items).await.expect(200)["items"].clone();
    assert_eq!(opened[0], json!({ "status": 200, "plaintext": "bm90ZQ==", "key_version": 1 }));
    assert_eq!(opened[1]["error"]["code"], "context_mismatch");
    assert_eq!(opened[2]["error"]["code"], "ciphertext_malformed");
    assert_eq!(opened[2]["error"]["pointer"], "/items/2/ciphertext");

    let rotate = request("POST", "/v1/keys/notes/rotate", None);
    let rotated = world.send(&Caller::Service("acme/keys"), rotate).await.expect(200);
    assert_eq!(
        (&rotated["current_version"], &rotated["versions"][0]["state"]),
        (&2.into(), &"deactivated".into())
    );
    let old = json!({ "ciphertext": sealed["ciphertext"], "context": { "record": "42" } });
    let renewed = world.post("acme/shop", "/v1/keys/notes/reencrypt", &old).await.expect(200);
    assert_eq!(renewed["key_version"], 2);
    world.post("acme/shop", "/v1/keys/none/encrypt", &field).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_value_is_looked_up_under_every_version() {
    let world = World::new().await;
    let key = json!({ "name": "emails", "purpose": "deterministic-encryption" });
    world.post("acme/keys", "/v1/keys", &key).await.expect(201);
    let field = json!({ "plaintext": "bm90ZQ==", "context": { "field": "email" } });
    let old = world.post("acme/shop", "/v1/keys/emails/encrypt", &field).await.expect(200);
    let rotate = request("POST", "/v1/keys/emails/rotate", None);
    world.send(&Caller::Service("acme/keys"), rotate).await.expect(200);
    let new = world.post("acme/shop", "/v1/keys/emails/encrypt", &field).await.expect(200);
    let found = world.post("acme/shop", "/v1/keys/emails/lookup", &field).await.expect(200);
    assert_eq!(found, json!({ "ciphertexts": [new, old] }));
    let many =
        world.post("acme/shop", "/v1/keys/emails/lookup", &json!({ "items": [field] })).await.expect(200);
    assert_eq!(many, json!({ "items": [{ "status": 200, "ciphertexts": [new, old] }] }));
    let notes = json!({ "name": "notes", "purpose": "field-encryption" });
    world.post("acme/keys", "/v1/keys", &notes).await.expect(201);
    world.post("acme/shop", "/v1/keys/notes/lookup", &field).await.expect_problem(409, "key_state_invalid");
}

#[tokio::test]
async fn data_are_vouched_for_and_data_keys_made() {
    let world = World::new().await;
    world.post("acme/keys", "/v1/keys", &json!({ "name": "orders", "purpose": "mac" })).await.expect(201);
    let data = json!({ "data": "bm90ZQ==", "context": { "record": "42" } });
    let made = world.post("acme/shop", "/v1/keys/orders/mac", &data).await.expect(200);
    assert_eq!(made["key_version"], 1);
    let items = json!({ "items": [
        { "data": "bm90ZQ==", "mac": made["mac"], "context": { "record": "42" } },
        { "data": "bm90ZQ==", "mac": made["mac"], "context": { "record": "43" } },
    ] });
    let verified = world.post("acme/shop", "/v1/keys/orders/verify-mac", &items).await.expect(200);
    assert_eq!(
        verified,
        json!({ "items": [{ "status": 200, "valid": true, "key_version": 1 }, { "status": 200, "valid": false }] })
    );
    let many = world.post("acme/shop", "/v1/keys/orders/mac", &json!({ "items": [data] })).await.expect(200);
    assert_eq!(many["items"][0]["mac"], made["mac"]);

    let notes = json!({ "name": "notes", "purpose": "field-encryption" });
    world.post("acme/keys", "/v1/keys", &notes).await.expect(201);
    let wanted = json!({ "context": { "record": "42" } });
    let key = world.post("acme/shop", "/v1/keys/notes/data-key", &wanted).await.expect(200);
    let sealed = json!({ "ciphertext": key["ciphertext"], "context": { "record": "42" } });
    let opened = world.post("acme/shop", "/v1/keys/notes/decrypt", &sealed).await.expect(200);
    assert_eq!(opened["plaintext"], key["plaintext"]);
    let odd = json!({ "length": 20 });
    world.post("acme/shop", "/v1/keys/notes/data-key", &odd).await.expect_problem(400, "invalid_request");
}
