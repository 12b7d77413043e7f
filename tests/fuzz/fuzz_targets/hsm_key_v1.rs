//! Whatever is read is written the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::hsm_key_v1::HsmKeyReference;

fuzz_target!(|bytes: &[u8]| {
    if let Some(reference) = HsmKeyReference::decode(bytes) {
        assert_eq!(reference.encode(), bytes);
    }
});
