//! What was signed verifies; nothing that was not does, whatever its bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::KeyMaterial;
use strongroom_crypto::sign_v1::{PublicKey, SigningKey};
use strongroom_domain::Secret;

fuzz_target!(|input: (&[u8], &[u8], usize, u8)| {
    let (message, bytes, place, mask) = input;
    let key = SigningKey::derive(&KeyMaterial::from_secret(Secret::new(vec![7; 32])).expect("32 bytes"));
    let public = key.public_key();
    let mut signature = key.sign(message);
    assert!(public.verify(message, &signature));
    assert!(!public.verify(message, bytes) || bytes == signature, "forged");
    signature[place % 64] ^= mask;
    assert_eq!(public.verify(message, &signature), mask == 0, "any change is noticed");
    // Points that are none are refused, not used.
    let _ = PublicKey::from_point(bytes);
});
