use proptest::prelude::*;
use serde::Deserialize;
use strongroom_domain::{KeyId, KeyVersion};

use super::*;
use crate::vectors::{self, Hex};

fn header() -> Header {
    Header { key_id: KeyId::from_bytes([0, 1, 2, 3, 4, 5, 6, 255]), key_version: KeyVersion::FIRST }
}

fn sealed(mechanism: Mechanism, iv: usize, length: usize, tag: usize) -> WrappedKey {
    WrappedKey { mechanism, kek_id: [7; 16], iv: vec![1; iv], ciphertext: vec![2; length], tag: vec![3; tag] }
}

#[derive(Deserialize)]
struct Vectors {
    made: Vec<Made>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Made {
    name: String,
    key_id: Hex,
    key_version: u32,
    mechanism: u8,
    iv: Hex,
    content: Hex,
    tag: Hex,
    place: Hex,
    aad: Hex,
    ciphertext: Hex,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    ciphertext: Hex,
    error: String,
}

#[test]
fn writes_and_reads_as_the_vectors_say() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.made.len() >= 4);
    for vector in vectors.made {
        let key_version = KeyVersion::new(vector.key_version).unwrap();
        let header = Header { key_id: KeyId::from_bytes(vector.key_id.array()), key_version };
        let sealed = WrappedKey {
            mechanism: Mechanism::from_code(vector.mechanism).unwrap(),
            kek_id: [7; 16],
            iv: vector.iv.0,
            ciphertext: vector.content.0,
            tag: vector.tag.0,
        };
        assert_eq!(encode(header, &sealed).as_ref(), Some(&vector.ciphertext.0), "{}", vector.name);
        assert_eq!(aad(header, &vector.place.0), vector.aad.0, "{}", vector.name);
        let parsed = HsmCiphertext::parse(&vector.ciphertext.0).unwrap();
        assert_eq!((parsed.header(), parsed.sealed([7; 16])), (header, sealed), "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect_for_its_reason() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 11);
    for vector in vectors.refused {
        let error = HsmCiphertext::parse(&vector.ciphertext.0).err().map(|error| match error {
            HsmCiphertextError::UnknownFormat => "unknown-format",
            HsmCiphertextError::Malformed => "malformed",
        });
        assert_eq!(error, Some(vector.error.as_str()), "{}", vector.defect);
    }
}

#[test]
fn what_the_format_cannot_hold_is_not_written() {
    assert_eq!(encode(header(), &sealed(Mechanism::AesGcm, 12, 5, 12)), None, "a tag of another length");
    assert_eq!(encode(header(), &sealed(Mechanism::AesGcm, 300, 5, 16)), None);
    assert_eq!(encode(header(), &sealed(Mechanism::AesKeyWrap, 12, 24, 32)), None, "wraps keys");
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
