use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::vectors;

fn paths(fields: &[&str]) -> Vec<FieldPath> {
    fields.iter().map(|field| FieldPath::parse(field).unwrap()).collect()
}

const ORDER: &str = r#" { "customer" : {"name": "A \"N\" Other", "a/b": [1.50, true , {"x":null}], "~": {} },
    "lines":[ {"sku":"s1","note":"n\\"},{"sku":"s2"}, 7 ], "empty" : [ ] } "#;

#[derive(Deserialize)]
struct Vectors {
    selected: Vec<Found>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Found {
    document: String,
    fields: Vec<String>,
    values: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    document: String,
    fields: Vec<String>,
    error: String,
}

fn outcome(document: &str, fields: &[String]) -> Result<Vec<Selected>, DocumentError> {
    let parse = |(index, field): (usize, &String)| FieldPath::parse(field).ok_or(DocumentError::Field(index));
    select(document, &fields.iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>()?)
}

#[test]
fn leads_where_the_vectors_say() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.selected.len() >= 9);
    for vector in vectors.selected {
        let selected = outcome(&vector.document, &vector.fields).unwrap();
        let values: Vec<_> =
            selected.iter().map(|one| (one.pointer.clone(), one.of(&vector.document).to_owned())).collect();
        assert_eq!(values, vector.values, "{:?}", vector.fields);
    }
}

#[test]
fn refuses_each_defect_for_its_reason() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 15);
    for vector in vectors.refused {
        let error = outcome(&vector.document, &vector.fields).err().map(|error| match error {
            DocumentError::Field(index) => format!("field {index}"),
            DocumentError::Missing(index) => format!("missing {index}"),
            DocumentError::Overlap(index) => format!("overlap {index}"),
            DocumentError::Duplicate => "duplicate".to_owned(),
            DocumentError::NotJson => "not-json".to_owned(),
            other => other.to_string(),
        });
        assert_eq!(error, Some(vector.error), "{}", vector.defect);
    }
    let aside = r#"{"a":1,"c":{"b":2,"b":3}}"#;
    assert!(select(aside, &paths(&["/a"])).is_ok(), "not on the way");
    let long = format!("[{}0]", "0,".repeat(1000));
    assert_eq!(select(&long, &paths(&["/*"])), Err(DocumentError::TooMany));
}

#[test]
fn what_is_encrypted_is_told_from_what_is_not() {
    let sealed = in_place(&[4, 5, 255]);
    assert_eq!(sealed, r#""strongroom.1.BAX_""#);
    let document = format!(r#"{{"a":{sealed},"b":"strongroom.1.?","c":5}}"#);
    let selected = select(&document, &paths(&["/a", "/b", "/c"])).unwrap();
    assert_eq!(selected[0].ciphertext(&document), Ok(vec![4, 5, 255]));
    assert_eq!(selected[0].plaintext(&document), Err(DocumentError::Encrypted(0)));
    assert_eq!(selected[1].ciphertext(&document), Err(DocumentError::NotEncrypted(1)));
    assert_eq!(selected[1].plaintext(&document), Err(DocumentError::Encrypted(1)));
    assert_eq!(selected[2].ciphertext(&document), Err(DocumentError::NotEncrypted(2)));
    assert_eq!(selected[2].plaintext(&document), Ok("5"));
}

#[test]
fn everything_else_keeps_its_bytes() {
    let selected = select(ORDER, &paths(&["/lines/*/sku", "/customer/name"])).unwrap();
    let by: Vec<String> = selected.iter().map(|one| in_place(one.of(ORDER).as_bytes())).collect();
    let changed = replaced(ORDER, &selected, &by.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(changed.matches("strongroom.1.").count(), 3);
    let again = select(&changed, &paths(&["/lines/*/sku", "/customer/name"])).unwrap();
    let plain: Vec<String> =
        again.iter().map(|one| String::from_utf8(one.ciphertext(&changed).unwrap()).unwrap()).collect();
    let restored = replaced(&changed, &again, &plain.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(restored, ORDER);
}

#[test]
fn the_place_is_the_values_own() {
    let selected = select(r#"{"a":[1,2]}"#, &paths(&["/a/*"])).unwrap();
    assert_ne!(selected[0].place(b"key"), selected[1].place(b"key"));
    assert_ne!(selected[0].place(b"key"), selected[0].place(b"other"));
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~\"\\\\/~*é]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-c/~\"\\\\]{0,3}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Every pointer of a document.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    let children: Vec<(String, &Value)> = match value {
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(index, child)| (index.to_string(), child)).collect()
        }
        Value::Object(members) => members.iter().map(|(name, child)| (escaped(name), child)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let pointer = format!("{at}/{name}");
        pointers(child, &pointer, all);
        all.push(pointer);
    }
}

proptest! {
    /// Against serde_json, which has pointers of its own.
    #[test]
    fn a_pointer_leads_where_it_leads_elsewhere(document in documents(), pretty: bool) {
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }.unwrap();
        for pointer in all.iter().filter(|pointer| !pointer.split('/').any(|segment| segment == "*")) {
            let selected = select(&text, &paths(&[pointer])).unwrap();
            prop_assert_eq!(selected.len(), 1);
            prop_assert_eq!(&selected[0].pointer, pointer);
            let value: Value = serde_json::from_str(selected[0].of(&text)).unwrap();
            prop_assert_eq!(Some(&value), document.pointer(pointer));
            let replaced: Value = serde_json::from_str(&replaced(&text, &selected, &["[\"here\"]"])).unwrap();
            prop_assert_eq!(replaced.pointer(pointer), Some(&json!(["here"])));
        }
    }
}
