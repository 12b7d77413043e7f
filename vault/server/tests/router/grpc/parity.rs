//! REST and gRPC say the same to the same request: one table, asked twice.

use serde_json::{Value, json};
use strongroom_api::ErrorCode;
use strongroom_api::grpc::v1::create_token_request::Value as Sent;
use strongroom_api::grpc::v1::detokenize_token_response::Value as Came;
use strongroom_api::grpc::v1::token_view::Shown;
use strongroom_api::grpc::{status_of, v1};

use super::*;
use crate::encrypted_answers::{opened, register};
use crate::samples::pair;
use crate::world::{Answered, CARD, World};

/// Asked in both, the second time as a message.
fn scenarios() -> Vec<(&'static str, Value)> {
    let card = |card: Value| json!({ "type": "card", "card": card });
    vec![
        (
            "a card",
            card(json!({ "number": "4111 1111-11111111", "exp_month": 12, "exp_year": 2030, "holder": "A" })),
        ),
        ("a card alone", card(json!({ "number": CARD }))),
        (
            "a security code",
            json!({ "type": "card", "card": { "number": CARD }, "security_code": "123", "security_code_ttl_seconds": 60 }),
        ),
        ("no security code", json!({ "type": "card", "card": { "number": CARD }, "security_code": "12" })),
        ("a code of no card", json!({ "type": "text", "text": "x", "security_code": "123" })),
        ("no check digit", card(json!({ "number": "4111111111111112" }))),
        ("half an expiry", card(json!({ "number": CARD, "exp_month": 12 }))),
        ("no month", card(json!({ "number": CARD, "exp_month": 13, "exp_year": 2030 }))),
        ("no such month at all", card(json!({ "number": CARD, "exp_month": 300, "exp_year": 2030 }))),
        ("no year", card(json!({ "number": CARD, "exp_month": 1, "exp_year": 1999 }))),
        (
            "an account",
            json!({ "type": "bank-account", "bank_account": { "iban": "DE89 3704 0044 0532 0130 00", "holder": "B" } }),
        ),
        (
            "no account",
            json!({ "type": "bank-account", "bank_account": { "iban": "DE88370400440532013000" } }),
        ),
        (
            "a person",
            json!({ "type": "identity-number", "identity_number": { "number": "AB-123456", "country": "GB" } }),
        ),
        (
            "nowhere",
            json!({ "type": "identity-number", "identity_number": { "number": "AB-123456", "country": "gb" } }),
        ),
        ("a text", json!({ "type": "text", "text": "anything" })),
        ("no text", json!({ "type": "text", "text": "" })),
        ("no value", json!({ "type": "card" })),
        ("no card for us", json!({ "type": "card", "encrypted_card": "a.b.c.d.e" })),
        ("no such profile", json!({ "type": "text", "text": "x", "profile": "nothing" })),
        ("no profile at all", json!({ "type": "text", "text": "x", "profile": "No Name" })),
        (
            "limits",
            json!({ "type": "text", "text": "x", "ttl_seconds": 60, "max_uses": 3, "metadata": { "a": "1", "b": "2" } }),
        ),
        ("one use", json!({ "type": "text", "text": "x", "single_use": true })),
        ("two words on uses", json!({ "type": "text", "text": "x", "single_use": true, "max_uses": 2 })),
        ("no use", json!({ "type": "text", "text": "x", "max_uses": 0 })),
        ("no time", json!({ "type": "text", "text": "x", "ttl_seconds": 0 })),
        ("tags", json!({ "type": "text", "text": "x", "tags": ["b", "a"] })),
        ("no tag", json!({ "type": "text", "text": "x", "tags": ["a", "b c"] })),
        ("no alias", json!({ "type": "text", "text": "x", "aliases": ["a b"] })),
        ("a card's number for an alias", json!({ "type": "text", "text": "x", "aliases": [CARD] })),
        (
            "too many tags",
            json!({ "type": "text", "text": "x", "tags": (0..17).map(|tag| tag.to_string()).collect::<Vec<_>>() }),
        ),
        ("a number in metadata", json!({ "type": "text", "text": "x", "metadata": { "a": CARD } })),
        ("a code in metadata", json!({ "type": "text", "text": "x", "metadata": { "cvc": "123" } })),
        ("no name in metadata", json!({ "type": "text", "text": "x", "metadata": { "a b": "1" } })),
    ]
}

fn string(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().map(|number| u32::try_from(number).unwrap())
}

fn optional(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(string).collect()
}

/// The same request as a message.
fn message(body: &Value) -> v1::CreateTokenRequest {
    let value = if let Some(card) = body.get("card") {
        Some(Sent::Card(v1::CardInput {
            number: string(&card["number"]),
            exp_month: number(&card["exp_month"]),
            exp_year: number(&card["exp_year"]),
            holder: optional(&card["holder"]),
        }))
    } else if let Some(account) = body.get("bank_account") {
        let (iban, holder) = (string(&account["iban"]), optional(&account["holder"]));
        Some(Sent::BankAccount(v1::BankAccountInput { iban, holder }))
    } else if let Some(person) = body.get("identity_number") {
        let (number, country) = (string(&person["number"]), optional(&person["country"]));
        Some(Sent::IdentityNumber(v1::IdentityNumberInput { number, country }))
    } else if let Some(jwe) = body.get("encrypted_card") {
        Some(Sent::EncryptedCard(string(jwe)))
    } else {
        body.get("text").map(|text| Sent::Text(string(text)))
    };
    let pairs = body["metadata"].as_object().cloned().unwrap_or_default();
    v1::CreateTokenRequest {
        value,
        profile: optional(&body["profile"]),
        ttl_seconds: body["ttl_seconds"].as_u64(),
        single_use: body["single_use"].as_bool(),
        max_uses: number(&body["max_uses"]),
        metadata: pairs.into_iter().map(|(name, value)| (name, string(&value))).collect(),
        aliases: strings(&body["aliases"]),
        tags: strings(&body["tags"]),
        security_code: optional(&body["security_code"]),
        security_code_ttl_seconds: body["security_code_ttl_seconds"].as_u64(),
    }
}

/// A refusal, whoever told it.
fn refusal_of(rest: &Answered) -> (String, Option<String>, bool) {
    let problem = rest.json();
    (string(&problem["code"]), optional(&problem["pointer"]), problem["retryable"].as_bool().unwrap())
}

fn same_refusal(name: &str, rest: &Answered, grpc: &Ended) {
    let (code, pointer, retryable) = refusal_of(rest);
    assert_eq!(grpc.code(), code, "{name}");
    assert_eq!(grpc.status(), status_of(ErrorCode::parse(&code).unwrap()).number().to_string(), "{name}");
    let (info, field, _) = grpc.details();
    assert_eq!(info.reason, code.to_uppercase());
    assert_eq!(info.metadata.get("pointer").cloned(), pointer, "{name}");
    assert_eq!(field, pointer, "{name}");
    assert_eq!(info.metadata["retryable"], retryable.to_string());
    assert_eq!(info.metadata["request_id"], grpc.request_id());
}

/// A token as REST would show it, without what no two tokens share.
fn shown(token: &v1::TokenView) -> Value {
    let mut view = json!({
        "type": token.r#type, "profile": token.profile, "fingerprint": token.fingerprint, "state": token.state,
        "single_use": token.single_use, "max_uses": token.max_uses, "uses": token.uses, "metadata": token.metadata,
        "tags": (!token.tags.is_empty()).then_some(&token.tags),
        "expires": token.expires_at.is_some(), "code": token.security_code_expires_at.is_some(),
    });
    match token.shown.as_ref() {
        Some(Shown::Card(card)) => {
            view["card"] = json!({
                "brand": card.brand, "bin": card.bin, "last4": card.last4, "exp_month": card.exp_month,
                "exp_year": card.exp_year,
            });
        }
        Some(Shown::BankAccount(account)) => {
            view["bank_account"] = json!({ "country": account.country, "last4": account.last4 });
        }
        Some(Shown::IdentityNumber(person)) => view["identity_number"] = json!({ "country": person.country }),
        None => {}
    }
    without_nulls(view)
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other,
    }
}

#[tokio::test]
async fn tokens_are_made_alike() {
    let world = World::new().await;
    for (name, body) in scenarios() {
        let rest = world.post("acme/shop", "/v1/tokens", &body).await;
        let grpc = world.call("acme/shop", CREATE, &[message(&body)]).await;
        if rest.status >= 400 {
            same_refusal(name, &rest, &grpc);
            continue;
        }
        let mut view = rest.expect(201);
        let members = view.as_object_mut().unwrap();
        members.remove("token");
        members.remove("created_at");
        let expires = members.remove("expires_at").is_some();
        members.insert("expires".to_owned(), json!(expires));
        let code = members.remove("security_code_expires_at").is_some();
        members.insert("code".to_owned(), json!(code));
        let made: v1::CreateTokenResponse = grpc.only();
        assert!(made.created);
        let token = made.token.unwrap();
        assert_eq!(token.created_at.unwrap().seconds, 1_795_359_600);
        assert_eq!(shown(&token), without_nulls(view), "{name}");
        revealed_alike(&world, name, &token.token).await;
    }
}

async fn revealed_alike(world: &World, name: &str, token: &str) {
    for (reveal, as_number) in
        [("masked", v1::Reveal::Masked), ("full", v1::Reveal::Full), ("full", v1::Reveal::Full)]
    {
        // A token of one use is used up by either.
        if name == "one use" {
            return;
        }
        let path = format!("/v1/tokens/{token}/detokenize");
        let rest = world.post("acme/shop", &path, &json!({ "purpose": "refund", "reveal": reveal })).await;
        let request = v1::DetokenizeTokenRequest {
            token: token.to_owned(),
            purpose: v1::DetokenizationPurpose::Refund.into(),
            reveal: as_number.into(),
            encrypt_to: None,
        };
        let grpc = world.call("acme/shop", DETOKENIZE, &[request]).await;
        if rest.status >= 400 || grpc.code() != "ok" {
            // The last use was REST's.
            assert_eq!(grpc.code(), "token_used", "{name}");
            return;
        }
        let came: v1::DetokenizeTokenResponse = grpc.only();
        let value = match came.value.unwrap() {
            Came::Card(card) => json!({ "card": {
                "number": card.number, "exp_month": card.exp_month, "exp_year": card.exp_year, "holder": card.holder
            } }),
            Came::BankAccount(account) => {
                json!({ "bank_account": { "iban": account.iban, "holder": account.holder } })
            }
            Came::IdentityNumber(person) => {
                json!({ "identity_number": { "number": person.number, "country": person.country } })
            }
            Came::Text(text) => json!({ "text": text }),
            Came::EncryptedValue(_) => panic!("nobody asked for it"),
        };
        let mut shown = rest.expect(200);
        shown.as_object_mut().unwrap().retain(|name, _| name != "token" && name != "type");
        assert_eq!(without_nulls(value), without_nulls(shown), "{name}");
    }
}

#[tokio::test]
async fn tokens_are_refused_alike() {
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    let foreign = world.token("other/shop", CARD).await;
    let deleted = world.token("acme/shop", CARD).await;
    let gone = crate::world::request("DELETE", &format!("/v1/tokens/{deleted}"), None);
    world.send(&Caller::Service("acme/shop"), gone).await;
    for (service, token) in [
        ("acme/shop", foreign.as_str()),
        ("acme/shop", deleted.as_str()),
        ("acme/shop", "tok_00000000000000000000000000000000"),
        ("acme/second", token.as_str()),
    ] {
        let path = format!("/v1/tokens/{token}/detokenize");
        let rest = world.post(service, &path, &json!({ "purpose": "refund", "reveal": "full" })).await;
        let request = v1::DetokenizeTokenRequest {
            token: token.to_owned(),
            purpose: v1::DetokenizationPurpose::Refund.into(),
            reveal: v1::Reveal::Full.into(),
            encrypt_to: None,
        };
        let grpc = world.call(service, DETOKENIZE, &[request]).await;
        same_refusal(token, &rest, &grpc);
    }
}

#[tokio::test]
async fn aliases_lead_to_their_token_whoever_gave_them() {
    let world = World::new().await;
    let body = json!({ "type": "text", "text": "x", "aliases": ["old:1"] });
    let made = world.call("acme/shop", CREATE, &[message(&body)]).await;
    let made: v1::CreateTokenResponse = made.only();
    assert_eq!(made.token.unwrap().aliases, ["old:1"]);
    let rest = world.post("acme/shop", "/v1/tokens", &body).await;
    same_refusal("taken", &rest, &world.call("acme/shop", CREATE, &[message(&body)]).await);
    let request = v1::DetokenizeTokenRequest {
        token: "alias:old:1".to_owned(),
        purpose: v1::DetokenizationPurpose::Refund.into(),
        reveal: v1::Reveal::Full.into(),
        encrypt_to: None,
    };
    let came: v1::DetokenizeTokenResponse = world.call("acme/shop", DETOKENIZE, &[request]).await.only();
    assert!(matches!(came.value, Some(Came::Text(text)) if text == "x"));
}

#[tokio::test]
async fn values_leave_encrypted_alike() {
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    let ask = |token: &str, encrypt_to: &str| v1::DetokenizeTokenRequest {
        token: token.to_owned(),
        purpose: v1::DetokenizationPurpose::Refund.into(),
        reveal: v1::Reveal::Full.into(),
        encrypt_to: Some(encrypt_to.to_owned()),
    };
    for encrypt_to in ["newest", "nothing"] {
        let body = json!({ "purpose": "refund", "reveal": "full", "encrypt_to": encrypt_to });
        let rest = world.post("acme/shop", &format!("/v1/tokens/{token}/detokenize"), &body).await;
        let grpc = world.call("acme/shop", DETOKENIZE, &[ask(&token, encrypt_to)]).await;
        same_refusal(encrypt_to, &rest, &grpc);
    }
    let kid = register(&world, 1).await;
    let items = [ask(&token, "newest"), ask(&token, &kid)];
    let came = world.call("acme/shop", DETOKENIZE_MANY, &items).await.all::<v1::DetokenizeTokensResponse>();
    assert_eq!(came.len(), 2);
    for item in came {
        let Some(v1::detokenize_tokens_response::Result::Done(done)) = item.result else { panic!("refused") };
        let Some(Came::EncryptedValue(jwe)) = done.value else { panic!("in clear") };
        let clear = json!({ "token": token, "type": "card", "card": { "number": CARD } });
        assert_eq!(opened(&pair(1), &json!(jwe)), clear);
    }
}

#[tokio::test]
async fn fields_are_protected_and_read_alike() {
    let world = World::new().await;
    let key = json!({ "name": "notes", "purpose": "field-encryption" });
    world.post("acme/keys", "/v1/keys", &key).await.expect(201);
    let key = json!({ "name": "orders", "purpose": "mac" });
    world.post("acme/keys", "/v1/keys", &key).await.expect(201);

    // What one has sealed the other opens.
    let context = std::collections::BTreeMap::from([("record".to_owned(), "42".to_owned())]);
    let field = |key: &str| v1::EncryptRequest {
        key: key.to_owned(),
        plaintext: b"note".to_vec(),
        context: context.clone(),
    };
    let sealed: v1::EncryptResponse = world.call("acme/shop", ENCRYPT, &[field("notes")]).await.only();
    let ciphertext = base64::engine::general_purpose::STANDARD.encode(&sealed.ciphertext);
    let body = json!({ "ciphertext": ciphertext, "context": { "record": "42" } });
    let opened = world.post("acme/shop", "/v1/keys/notes/decrypt", &body).await.expect(200);
    assert_eq!(opened, json!({ "plaintext": "bm90ZQ==", "key_version": sealed.key_version }));

    let many: std::collections::BTreeMap<_, _> =
        (0..17).map(|name| (name.to_string(), String::new())).collect();
    for (key, ciphertext, context, version) in [
        ("notes", sealed.ciphertext.clone(), context.clone(), None),
        ("notes", sealed.ciphertext.clone(), std::collections::BTreeMap::new(), None),
        ("notes", b"nothing".to_vec(), context.clone(), None),
        ("nothing", sealed.ciphertext.clone(), context.clone(), None),
        ("orders", sealed.ciphertext.clone(), context.clone(), None),
        ("notes", sealed.ciphertext.clone(), many, None),
        ("notes", sealed.ciphertext.clone(), context.clone(), Some(0)),
    ] {
        let text = base64::engine::general_purpose::STANDARD.encode(&ciphertext);
        let mut body = json!({ "ciphertext": text, "context": context });
        if let Some(version) = version {
            body["key_version"] = json!(version);
        }
        let rest = world.post("acme/shop", &format!("/v1/keys/{key}/decrypt"), &body).await;
        let request = v1::DecryptRequest { key: key.to_owned(), ciphertext, key_version: version, context };
        let grpc = world.call("acme/shop", DECRYPT, &[request]).await;
        if rest.status == 200 {
            assert_eq!(grpc.only::<v1::DecryptResponse>().plaintext, b"note");
        } else {
            same_refusal(key, &rest, &grpc);
        }
    }
    for key in ["nothing", "orders"] {
        let rest =
            world.post("acme/shop", &format!("/v1/keys/{key}/encrypt"), &json!({ "plaintext": "" })).await;
        let grpc = world.call("acme/shop", ENCRYPT, &[field(key)]).await;
        same_refusal(key, &rest, &grpc);
    }
}
