//! Sealing of key material.

use strongroom_core::ports::{Hsm, HsmError, HsmKeyKind};
use strongroom_crypto::wrapped_key_v1::WrappedKey;

use super::{each_with_a_changed_byte, key, material, refusal};

pub(super) async fn what_was_sealed_opens(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekData).await;
    for length in [16, 31, 32, 33, 64, 121] {
        let bytes: Vec<u8> = (0..length).collect();
        for place in [&b""[..], b"tenant/key/1", &[0x9c; 700]] {
            let sealed = hsm.seal(&key, place, &material(&bytes)).await.unwrap();
            assert_eq!(sealed.kek_id, key.id);
            assert!(sealed.mechanism.code() < 16, "it was encrypted as data");
            assert!(!contains(&sealed.ciphertext, &bytes));
            assert_eq!(WrappedKey::decode(&sealed.encode()).as_ref(), Ok(&sealed));
            assert!(hsm.open(&key, place, &sealed).await.unwrap().ct_eq(&bytes));
        }
    }
}

pub(super) async fn sealing_twice_gives_different_bytes(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekData).await;
    let one = hsm.seal(&key, b"place", &material(&[7; 32])).await.unwrap();
    let other = hsm.seal(&key, b"place", &material(&[7; 32])).await.unwrap();
    assert_ne!(one.iv, other.iv);
    assert_ne!(one.ciphertext, other.ciphertext);
}

pub(super) async fn another_place_does_not_open_it(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekData).await;
    let sealed = hsm.seal(&key, b"here", &material(&[7; 32])).await.unwrap();
    for place in [&b"there"[..], b"", b"her", b"here "] {
        assert_eq!(refusal(hsm.open(&key, place, &sealed).await), HsmError::Integrity);
    }
}

pub(super) async fn another_key_does_not_open_it(hsm: &dyn Hsm) {
    let one = key(hsm, HsmKeyKind::KekData).await;
    let other = key(hsm, HsmKeyKind::KekData).await;
    let sealed = hsm.seal(&one, b"place", &material(&[7; 32])).await.unwrap();
    assert_eq!(refusal(hsm.open(&other, b"place", &sealed).await), HsmError::Integrity);
    let relabelled = WrappedKey { kek_id: other.id, ..sealed };
    assert_eq!(refusal(hsm.open(&other, b"place", &relabelled).await), HsmError::Integrity);
    assert_eq!(refusal(hsm.open(&one, b"place", &relabelled).await), HsmError::Integrity);
}

pub(super) async fn no_byte_of_it_may_change(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekData).await;
    let sealed = hsm.seal(&key, b"place", &material(&[7; 32])).await.unwrap();
    for altered in alterations(&sealed, each_with_a_changed_byte) {
        assert_eq!(refusal(hsm.open(&key, b"place", &altered).await), HsmError::Integrity);
    }
    assert!(hsm.open(&key, b"place", &sealed).await.unwrap().ct_eq(&[7; 32]));
}

pub(super) async fn no_part_of_it_may_be_cut_or_grow(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekData).await;
    let sealed = hsm.seal(&key, b"place", &material(&[7; 32])).await.unwrap();
    let sizes = |bytes: &[u8]| {
        let grown = [bytes, &[0]].concat();
        let cut = bytes.split_last().map(|(_, rest)| rest.to_vec());
        [Vec::new(), grown].into_iter().chain(cut).collect()
    };
    for altered in alterations(&sealed, sizes) {
        assert_eq!(refusal(hsm.open(&key, b"place", &altered).await), HsmError::Integrity);
    }
}

pub(super) async fn a_wrapped_key_is_not_sealed_data(hsm: &dyn Hsm) {
    let data = key(hsm, HsmKeyKind::KekData).await;
    let wrap = key(hsm, HsmKeyKind::KekWrap).await;
    let (wrapped, _) = hsm.generate_wrapped(&wrap, b"place").await.unwrap();
    assert_eq!(refusal(hsm.open(&data, b"place", &wrapped).await), HsmError::Integrity);
    let relabelled = WrappedKey { kek_id: data.id, ..wrapped };
    assert_eq!(refusal(hsm.open(&data, b"place", &relabelled).await), HsmError::Integrity);
}

pub(super) async fn it_goes_on_after_refusing(hsm: &dyn Hsm) {
    let key = key(hsm, HsmKeyKind::KekData).await;
    for round in 0..20_u8 {
        let sealed = hsm.seal(&key, b"place", &material(&[round; 32])).await.unwrap();
        assert_eq!(refusal(hsm.open(&key, b"elsewhere", &sealed).await), HsmError::Integrity);
        assert!(hsm.open(&key, b"place", &sealed).await.unwrap().ct_eq(&[round; 32]));
    }
}

/// Every version of the sealed bytes in which one part was altered in one way.
pub(super) fn alterations(sealed: &WrappedKey, alter: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<WrappedKey> {
    let iv = alter(&sealed.iv).into_iter().map(|iv| WrappedKey { iv, ..sealed.clone() });
    let ciphertext =
        alter(&sealed.ciphertext).into_iter().map(|ciphertext| WrappedKey { ciphertext, ..sealed.clone() });
    let tag = alter(&sealed.tag).into_iter().map(|tag| WrappedKey { tag, ..sealed.clone() });
    iv.chain(ciphertext).chain(tag).filter(|altered| altered != sealed).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
