//! Whatever is selected is JSON where it stands, and replacing it by itself changes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::document_v1::{FieldPath, replaced, select};

fuzz_target!(|input: (&str, Vec<&str>)| {
    let (document, fields) = input;
    let fields: Vec<FieldPath> = fields.into_iter().filter_map(FieldPath::parse).collect();
    let Ok(selected) = select(document, &fields) else { return };
    let values: Vec<&str> = selected.iter().map(|one| one.of(document)).collect();
    for value in &values {
        let raw: &serde_json::value::RawValue = serde_json::from_str(value).expect("a value is JSON");
        assert_eq!(raw.get(), *value, "without the space around it");
    }
    assert_eq!(replaced(document, &selected, &values), document);
});
