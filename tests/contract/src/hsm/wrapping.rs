//! Keys that stay in the HSM.

use std::collections::HashSet;

use strongroom_core::ports::{Hsm, HsmError, HsmKeyKind};
use strongroom_crypto::wrapped_key_v1::WrappedKey;

use super::sealing::alterations;
use super::{each_with_a_changed_byte, key, material};

pub(super) async fn what_was_wrapped_unwraps_to_the_same_key(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekWrap).await;
    for place in [&b""[..], b"tenant/key/1", &[0x9c; 700]] {
        let (wrapped, check_value) = hsm.generate_wrapped(&key, place).await.unwrap();
        assert_eq!(wrapped.kek_id, key.id);
        assert!(wrapped.mechanism.code() >= 16, "it was wrapped as a key");
        assert!(check_value.0.len() >= 3);
        assert_eq!(WrappedKey::decode(&wrapped.encode()).as_ref(), Ok(&wrapped));
        for _ in 0..2 {
            let unwrapped = hsm.unwrap_and_check(&key, place, &wrapped).await;
            assert_eq!(unwrapped.as_ref(), Ok(&check_value));
        }
    }
}

pub(super) async fn every_wrapped_key_is_new(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekWrap).await;
    let (mut check_values, mut ciphertexts) = (HashSet::new(), HashSet::new());
    for _ in 0..20 {
        let (wrapped, check_value) = hsm.generate_wrapped(&key, b"place").await.unwrap();
        assert!(check_values.insert(check_value.0));
        assert!(ciphertexts.insert(wrapped.ciphertext));
    }
}

pub(super) async fn another_place_or_key_does_not_unwrap_it(hsm: &dyn Hsm) {
    let one = key(hsm, HsmKeyKind::KekWrap).await;
    let other = key(hsm, HsmKeyKind::KekWrap).await;
    let (wrapped, _) = hsm.generate_wrapped(&one, b"here").await.unwrap();
    for place in [&b"there"[..], b"", b"her", b"here "] {
        assert_eq!(hsm.unwrap_and_check(&one, place, &wrapped).await, Err(HsmError::Integrity));
    }
    assert_eq!(hsm.unwrap_and_check(&other, b"here", &wrapped).await, Err(HsmError::Integrity));
    let relabelled = WrappedKey { kek_id: other.id, ..wrapped };
    assert_eq!(hsm.unwrap_and_check(&other, b"here", &relabelled).await, Err(HsmError::Integrity));
}

pub(super) async fn no_byte_of_a_wrapped_key_may_change(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekWrap).await;
    let (wrapped, check_value) = hsm.generate_wrapped(&key, b"place").await.unwrap();
    for altered in alterations(&wrapped, each_with_a_changed_byte) {
        assert_eq!(hsm.unwrap_and_check(&key, b"place", &altered).await, Err(HsmError::Integrity));
    }
    // Two good keys under one KEK cannot lend each other their bindings.
    let (another, _) = hsm.generate_wrapped(&key, b"place").await.unwrap();
    let mixed = WrappedKey { tag: another.tag, ..wrapped.clone() };
    assert_eq!(hsm.unwrap_and_check(&key, b"place", &mixed).await, Err(HsmError::Integrity));
    assert_eq!(hsm.unwrap_and_check(&key, b"place", &wrapped).await, Ok(check_value));
}

pub(super) async fn sealed_data_is_not_a_wrapped_key(hsm: &dyn Hsm) {
    let data = key(hsm, HsmKeyKind::KekData).await;
    let wrap = key(hsm, HsmKeyKind::KekWrap).await;
    let sealed = hsm.seal(&data, b"place", &material(&[7; 32])).await.unwrap();
    assert_eq!(hsm.unwrap_and_check(&wrap, b"place", &sealed).await, Err(HsmError::Integrity));
    let relabelled = WrappedKey { kek_id: wrap.id, ..sealed };
    assert_eq!(hsm.unwrap_and_check(&wrap, b"place", &relabelled).await, Err(HsmError::Integrity));
}
