use proptest::prelude::*;
use strongroom_domain::{KeyId, KeyVersion};

use super::*;

fn header() -> Header {
    Header { key_id: KeyId::from_bytes([0, 1, 2, 3, 4, 5, 6, 255]), key_version: KeyVersion::FIRST }
}

fn sealed(mechanism: Mechanism, iv: usize, length: usize, tag: usize) -> WrappedKey {
    WrappedKey { mechanism, kek_id: [7; 16], iv: vec![1; iv], ciphertext: vec![2; length], tag: vec![3; tag] }
}

#[test]
fn what_is_written_is_as_the_specification_says() {
    let bytes = encode(header(), &sealed(Mechanism::AesGcm, 12, 2, 16)).unwrap();
    let expected = [
        [4, 0, 1, 2, 3, 4, 5, 6, 255, 0, 0, 0, 1].as_slice(),
        &[Mechanism::AesGcm.code(), 12],
        &[1; 12],
        &[2; 2],
        &[3; 16],
    ];
    assert_eq!(bytes, expected.concat());
    let parsed = HsmCiphertext::parse(&bytes).unwrap();
    assert_eq!(parsed.header(), header());
    assert_eq!(parsed.sealed([7; 16]), sealed(Mechanism::AesGcm, 12, 2, 16));
}

#[test]
fn each_defect_has_its_name() {
    let good = encode(header(), &sealed(Mechanism::AesGcm, 12, 0, 16)).unwrap();
    let changed = |place: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[place] = to;
        HsmCiphertext::parse(&bytes).err()
    };
    assert_eq!(HsmCiphertext::parse(&[]).err(), Some(HsmCiphertextError::Malformed));
    assert_eq!(changed(0, 1), Some(HsmCiphertextError::UnknownFormat));
    assert_eq!(changed(12, 0), Some(HsmCiphertextError::Malformed), "key version 0");
    assert_eq!(changed(13, 250), Some(HsmCiphertextError::Malformed), "unknown mechanism");
    assert_eq!(changed(13, Mechanism::AesKeyWrap.code()), Some(HsmCiphertextError::Malformed), "wraps keys");
    assert_eq!(changed(14, 11), Some(HsmCiphertextError::Malformed), "a short vector");
    assert_eq!(changed(14, 200), Some(HsmCiphertextError::Malformed), "a vector beyond the end");
    assert_eq!(HsmCiphertext::parse(&good[..good.len() - 1]).err(), Some(HsmCiphertextError::Malformed));
    assert_eq!(encode(header(), &sealed(Mechanism::AesGcm, 12, 5, 12)), None, "a tag of another length");
    assert_eq!(encode(header(), &sealed(Mechanism::AesGcm, 300, 5, 16)), None);
}

#[test]
fn the_place_and_the_header_are_bound() {
    let other = Header { key_version: KeyVersion::new(2).unwrap(), ..header() };
    assert_ne!(aad(header(), b"place"), aad(header(), b"elsewhere"));
    assert_ne!(aad(header(), b"place"), aad(other, b"place"));
}

proptest! {
    #[test]
    fn reads_what_it_wrote(length in 0_usize..100, iv in 12_usize..=16, cbc: bool) {
        let (mechanism, tag) = if cbc { (Mechanism::AesCbcHmacSha256, 32) } else { (Mechanism::AesGcmTokenIv, 16) };
        let made = sealed(mechanism, iv, length, tag);
        let bytes = encode(header(), &made).unwrap();
        prop_assert_eq!(HsmCiphertext::parse(&bytes).unwrap().sealed([7; 16]), made);
    }

    #[test]
    fn nothing_makes_it_panic(bytes: Vec<u8>) {
        let bytes = [&[4], bytes.as_slice()].concat();
        if let Ok(parsed) = HsmCiphertext::parse(&bytes) {
            prop_assert_eq!(encode(parsed.header(), &parsed.sealed([0; 16])), Some(bytes));
        }
    }
}
