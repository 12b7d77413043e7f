//! What is read is written the same, and the names are in order.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::fields_v1;

fuzz_target!(|bytes: &[u8]| {
    let Ok(fields) = fields_v1::decode(bytes) else { return };
    assert!(fields.is_sorted_by(|(one, _), (next, _)| one < next));
    assert!(fields_v1::encode(&fields).is_ok_and(|written| written.ct_eq(bytes)));
});
