//! The committed document is what the code generates, covers every call, and is an OpenAPI 3.1 document whose schemas
//! accept what the types write.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's helpers may fail it")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use strongroom_api::{ROUTES, openapi};

fn document() -> Value {
    serde_json::from_str(&openapi::document_text().unwrap()).unwrap()
}

#[test]
fn the_committed_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let generated = openapi::document_text().unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == generated,
        "the contract changed: run again with UPDATE_GOLDEN=1 and review openapi.json"
    );
}

#[test]
fn every_call_is_documented_and_nothing_else_is() {
    let document = document();
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let routed: BTreeSet<_> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(documented, routed);
}

#[test]
fn every_call_says_how_it_fails_and_how_it_is_protected() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["components"]["securitySchemes"]["mutualTLS"]["type"], "mutualTLS");
    assert_eq!(document["security"], json!([{ "mutualTLS": [] }]));
    for route in ROUTES {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        assert_eq!(operation["operationId"], route.id.as_str());
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{}", route.path);
        for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
            let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{} {status}", route.path);
        }
        assert!(responses.contains_key("401") && responses.contains_key("503"));
        assert_eq!(operation.get("requestBody").is_some(), route.body_cap > 0, "{}", route.path);

        let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
        let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        assert_eq!(has("Idempotency-Key"), route.creates, "{}", route.path);
        for part in route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            assert!(has(part), "{}", route.path);
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn visit(value: &Value, document: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
                }
                members.values().for_each(|member| visit(member, document));
            }
            Value::Array(items) => items.iter().for_each(|item| visit(item, document)),
            _ => {}
        }
    }
    let document = document();
    visit(&document, &document);
}

/// A validator for one schema of the document.
fn validator(name: &str) -> jsonschema::Validator {
    let mut schema = document();
    schema["$ref"] = json!(format!("#/components/schemas/{name}"));
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn the_schemas_accept_the_contracts_examples_and_refuse_what_the_types_refuse() {
    let token = json!({
        "type": "card",
        "card": {"number": "4111 1111 1111 1111", "exp_month": 12, "exp_year": 2030, "holder": "A N Other"},
        "profile": "default", "ttl_seconds": 86400, "single_use": false, "metadata": {"order": "42"}
    });
    let create = validator("CreateToken");
    assert!(create.is_valid(&token));
    let mut misspelt = token.clone();
    misspelt["ttl"] = json!(1);
    assert!(!create.is_valid(&misspelt));
    let mut with_code = token.clone();
    with_code["card"]["cvc"] = json!("123");
    assert!(!create.is_valid(&with_code));
    let mut number = token;
    number["card"]["number"] = json!(4_111_111_111_111_111_u64);
    assert!(!create.is_valid(&number));

    let encrypt = validator("EncryptItemOrMany");
    assert!(encrypt.is_valid(&json!({"plaintext": "YQ==", "context": {"record": "42"}})));
    assert!(encrypt.is_valid(&json!({"items": [{"plaintext": "YQ=="}]})));
    assert!(!encrypt.is_valid(&json!({"items": []})));
    assert!(!encrypt.is_valid(&json!({"plaintext": "YQ==", "items": [{"plaintext": "YQ=="}]})));
}
