//! Whole documents: fields protected in their places, everything else byte for byte.

use serde_json::json;

use crate::world::{Answered, Caller, World, request, with_bytes};

const CUSTOMER: &str = r#"{ "id":  42.0, "customer": {"name":"A N Other", "born": 1980, "vip":true ,"notes":[ "a","b" ]},
  "lines": [{"iban":"DE89370400440532013000"},{"iban":null}] }"#;
const FIELDS: &str =
    r#"["/customer/name","/customer/born","/customer/vip","/customer/notes","/lines/*/iban"]"#;

async fn world() -> World {
    let world = World::new().await;
    for (name, purpose) in [("notes", "field-encryption"), ("emails", "deterministic-encryption")] {
        let key = json!({ "name": name, "purpose": purpose });
        world.post("acme/keys", "/v1/keys", &key).await.expect(201);
    }
    world
}

fn body(fields: &str, record: &str, document: &str) -> String {
    format!(r#"{{"key":"notes","fields":{fields},"context":{{"record":"{record}"}},"document":{document}}}"#)
}

async fn ask(world: &World, call: &str, body: &str) -> Answered {
    let request = with_bytes("POST", &format!("/v1/documents/{call}"), body.as_bytes().to_vec());
    world.send(&Caller::Service("acme/shop"), request).await
}

/// The document of an answer, byte for byte.
fn document(answer: &Answered) -> String {
    let text = answer.text();
    let raw: std::collections::HashMap<String, Box<serde_json::value::RawValue>> =
        serde_json::from_str(&text).unwrap();
    raw["document"].get().to_owned()
}

#[tokio::test]
async fn the_rest_keeps_its_bytes_and_types_come_back() {
    let world = world().await;
    let sealed = ask(&world, "encrypt", &body(FIELDS, "42", CUSTOMER)).await;
    assert_eq!(sealed.expect(200)["values"], 6);
    let sealed = document(&sealed);
    for hidden in ["Other", "1980", "true", "DE89", "null"] {
        assert!(!sealed.contains(hidden), "{hidden}");
    }
    assert!(sealed.starts_with(r#"{ "id":  42.0, "customer": {"name":"strongroom.1."#), "{sealed}");
    let opened = ask(&world, "decrypt", &body(FIELDS, "42", &sealed)).await;
    assert_eq!(opened.expect(200)["values"], 6);
    assert_eq!(document(&opened), CUSTOMER);
}

#[tokio::test]
async fn a_value_opens_in_its_own_place_only() {
    let world = world().await;
    let fields = r#"["/a","/b"]"#;
    let sealed = document(&ask(&world, "encrypt", &body(fields, "42", r#"{"a":"one","b":"two"}"#)).await);
    let members: std::collections::HashMap<String, String> = serde_json::from_str(&sealed).unwrap();
    let swapped = json!({ "a": members["b"], "b": members["a"] }).to_string();
    let moved = json!({ "c": members["a"] }).to_string();
    for (fields, record, document) in
        [(fields, "42", &swapped), (r#"["/c"]"#, "42", &moved), (fields, "43", &sealed)]
    {
        let answer = ask(&world, "decrypt", &body(fields, record, document)).await;
        answer.expect_problem(422, "context_mismatch");
    }
    // Nor is it a field by itself.
    let alone = members["a"].strip_prefix("strongroom.1.").unwrap().replace('-', "+").replace('_', "/");
    let alone = format!("{alone}{}", "=".repeat((4 - alone.len() % 4) % 4));
    let field = json!({ "ciphertext": alone, "context": { "record": "42" } });
    let answer = world.post("acme/shop", "/v1/keys/notes/decrypt", &field).await;
    answer.expect_problem(422, "context_mismatch");
}

#[tokio::test]
async fn a_document_is_brought_up_to_date_without_showing_it() {
    let world = world().await;
    let sealed = document(&ask(&world, "encrypt", &body(FIELDS, "42", CUSTOMER)).await);
    let rotate = request("POST", "/v1/keys/notes/rotate", None);
    world.send(&Caller::Service("acme/keys"), rotate).await.expect(200);
    let renewed = ask(&world, "reencrypt", &body(FIELDS, "42", &sealed)).await;
    assert_eq!(renewed.expect(200)["key_version"], 2);
    let renewed = document(&renewed);
    assert_ne!(renewed, sealed);
    let opened = ask(&world, "decrypt", &body(FIELDS, "42", &renewed)).await;
    assert_eq!(document(&opened), CUSTOMER);
}

#[tokio::test]
async fn it_is_all_or_nothing_and_on_record() {
    let world = world().await;
    let answer = ask(&world, "encrypt", &body(FIELDS, "42", CUSTOMER)).await;
    let events = world.events_of(answer.request_id()).await;
    assert_eq!(events.len(), 1);
    assert_eq!((events[0]["count"].as_u64(), events[0]["object"].as_str()), (Some(6), Some("notes")));
    let mut sealed = document(&answer);
    let last = sealed.rfind("strongroom.1.").unwrap() + 80;
    let altered = if sealed.as_bytes()[last] == b'A' { "B" } else { "A" };
    sealed.replace_range(last..=last, altered);
    let answer = ask(&world, "decrypt", &body(FIELDS, "42", &sealed)).await;
    answer.expect_problem(422, "context_mismatch");
    assert!(!answer.text().contains("Other"));
    let events = world.events_of(answer.request_id()).await;
    assert_eq!(events[0]["outcome"], "context_mismatch");
}

#[tokio::test]
async fn each_defect_is_named_and_no_value_comes_back() {
    let world = world().await;
    let sealed = document(&ask(&world, "encrypt", &body(r#"["/a"]"#, "42", r#"{"a":1}"#)).await);
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    for (call, fields, document, pointer, detail) in [
        ("encrypt", r#"["/b"]"#, r#"{"a":"4111111111111111"}"#, "/fields", "fields/0: leads to nothing"),
        ("encrypt", r#"["/a","/a/b"]"#, r#"{"a":{"b":1}}"#, "/fields", "fields/1: leads where another"),
        ("encrypt", r#"["/a"]"#, r#"{"a":1,"a":2}"#, "/document", "two members of one name"),
        ("encrypt", r#"["/a~3"]"#, r#"{"a":1}"#, "/fields", "fields/0: must be a JSON Pointer"),
        ("encrypt", r#"["a"]"#, r#"{"a":1}"#, "/fields/0", "must be a JSON Pointer"),
        ("encrypt", "[]", r#"{"a":1}"#, "/fields", "1 to 100"),
        ("encrypt", r#"["/a"]"#, &sealed, "/fields", "encrypted already"),
        ("decrypt", r#"["/a"]"#, r#"{"a":"4111111111111111"}"#, "/fields", "not what encrypting left there"),
        ("decrypt", r#"["/a"]"#, r#"{"a":4111111111111111}"#, "/fields", "not what encrypting left there"),
    ] {
        let answer = ask(&world, call, &body(fields, "42", document)).await;
        let problem = answer.expect_problem(400, "invalid_request");
        assert_eq!(problem["pointer"], pointer, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
        assert!(!answer.text().contains("4111"));
    }
    let deep = ask(&world, "encrypt", &body(r#"["/0"]"#, "42", &deep)).await;
    deep.expect_problem(400, "invalid_request");
}

#[tokio::test]
async fn equal_values_of_a_deterministic_key_are_equal_in_equal_places() {
    let world = world().await;
    let body = r#"{"key":"emails","fields":["/email"],"document":{"email":"a@example.com"}}"#;
    let first = document(&ask(&world, "encrypt", body).await);
    assert_eq!(first, document(&ask(&world, "encrypt", body).await));
    let body = body.replace("/email", "/mail").replace("\"email\":", "\"mail\":");
    assert_ne!(first.replace("email", "mail"), document(&ask(&world, "encrypt", &body).await));
}
