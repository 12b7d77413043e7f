//! Whatever is read is written the same again, and nothing else is read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::hsm_v1::{HsmCiphertext, encode};

fuzz_target!(|bytes: &[u8]| {
    let Ok(parsed) = HsmCiphertext::parse(bytes) else { return };
    assert_eq!(encode(parsed.header(), &parsed.sealed([0; 16])).as_deref(), Some(bytes));
});
