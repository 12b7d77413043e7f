//! Keys for format-preserving encryption, as callers meet them.

use serde_json::{Value, json};

use crate::world::World;

fn key(format: &Value) -> Value {
    json!({ "name": "accounts", "purpose": "format-preserving", "value_format": format })
}

fn digits(length: u8, first: u8, last: u8) -> Value {
    json!({
        "alphabet": "0123456789", "min_length": length, "max_length": length,
        "keep_first": first, "keep_last": last
    })
}

#[tokio::test]
async fn too_few_values_are_refused_with_the_arithmetic() {
    let world = World::new().await;
    for (format, values) in [(digits(15, 6, 4), "10^5 = 100000"), (digits(16, 8, 4), "10^4 = 10000")] {
        let answer = world.post("acme/keys", "/v1/keys", &key(&format)).await;
        let problem = answer.expect_problem(422, "fpe_domain_too_small");
        assert_eq!(problem["pointer"], "/value_format");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(values) && detail.contains("1000000"), "{detail}");
    }
    world.post("acme/keys", "/v1/keys", &key(&digits(16, 6, 4))).await.expect(201);
}

#[tokio::test]
async fn a_format_that_makes_no_sense_is_an_invalid_request() {
    let world = World::new().await;
    let alphabet = json!({ "alphabet": "0120", "min_length": 16, "max_length": 16 });
    let unknown = json!({ "alphabet": "01", "min_length": 32, "max_length": 32, "radix": 2 });
    for format in [alphabet, unknown, digits(5, 6, 4), Value::Null] {
        world.post("acme/keys", "/v1/keys", &key(&format)).await.expect_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_value_goes_there_and_back() {
    let world = World::new().await;
    let made = world.post("acme/keys", "/v1/keys", &key(&digits(16, 6, 4))).await.expect(201);
    assert_eq!(made["value_format"], digits(16, 6, 4));
    let field = json!({ "plaintext": "NDExMTExMTIzNDU2MTExMQ==", "context": { "column": "account" } });
    let sealed = world.post("acme/shop", "/v1/keys/accounts/encrypt", &field).await.expect(200);
    let mut stored = json!({ "ciphertext": sealed["ciphertext"], "context": { "column": "account" } });
    let decrypt = "/v1/keys/accounts/decrypt";
    world.post("acme/shop", decrypt, &stored).await.expect_problem(400, "invalid_request");
    stored["key_version"] = json!(0);
    world.post("acme/shop", decrypt, &stored).await.expect_problem(400, "invalid_request");
    stored["key_version"] = sealed["key_version"].clone();
    let opened = world.post("acme/shop", decrypt, &stored).await.expect(200);
    assert_eq!(opened["plaintext"], field["plaintext"]);
}
