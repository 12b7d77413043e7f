use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::vectors::{self, Hex};

#[derive(Deserialize)]
struct Vectors {
    encoded: Vec<Encoded>,
    refused: Vec<Refused>,
    contexts: Vec<Placed>,
}

#[derive(Deserialize)]
struct Encoded {
    mechanism: String,
    code: u8,
    kek_id: Hex,
    iv: Hex,
    ciphertext: Hex,
    tag: Hex,
    bytes: Hex,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    bytes: Hex,
    error: String,
}

#[derive(Deserialize)]
struct Placed {
    cluster: Hex,
    tenant: String,
    key_id: Hex,
    version: u32,
    purpose: String,
    algorithm: String,
    kek_id: Hex,
    aad: Hex,
}

#[test]
fn bytes_are_those_of_the_vectors() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert_eq!(vectors.encoded.len(), Mechanism::ALL.len(), "one of each mechanism");
    for vector in vectors.encoded {
        let mechanism = Mechanism::from_code(vector.code).unwrap();
        assert_eq!(mechanism.as_str(), vector.mechanism);
        let wrapped = WrappedKey {
            mechanism,
            kek_id: vector.kek_id.array(),
            iv: vector.iv.0,
            ciphertext: vector.ciphertext.0,
            tag: vector.tag.0,
        };
        assert_eq!(wrapped.encode(), vector.bytes.0, "{mechanism:?}");
        assert_eq!(WrappedKey::decode(&vector.bytes.0), Ok(wrapped), "{mechanism:?}");
    }
}

#[test]
fn refuses_each_defect_for_its_reason() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 12);
    for vector in vectors.refused {
        let error = WrappedKey::decode(&vector.bytes.0).err().map(|error| match error {
            WrappedKeyError::UnknownFormat => "unknown-format",
            WrappedKeyError::UnknownMechanism => "unknown-mechanism",
            WrappedKeyError::Malformed => "malformed",
            WrappedKeyError::Shape => "shape",
        });
        assert_eq!(error, Some(vector.error.as_str()), "{}", vector.defect);
    }
}

#[test]
fn authenticated_data_are_those_of_the_vectors() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.contexts.len() >= 2);
    for vector in vectors.contexts {
        let context = WrapContext {
            cluster: &vector.cluster.array(),
            tenant: &TenantId::parse(&vector.tenant).unwrap(),
            key_id: KeyId::from_bytes(vector.key_id.array()),
            version: KeyVersion::new(vector.version).unwrap(),
            purpose: KeyPurpose::parse(&vector.purpose).unwrap(),
            algorithm: &vector.algorithm,
            kek_id: &vector.kek_id.array(),
        };
        assert_eq!(context.aad(), vector.aad.0);
    }
}

/// Each fact of the place is in the authenticated data: changing any one of them changes it.
#[test]
fn every_fact_of_the_place_counts() {
    let (acme, other) = (TenantId::parse("acme").unwrap(), TenantId::parse("acme-2").unwrap());
    let place = WrapContext {
        cluster: &[1; 16],
        tenant: &acme,
        key_id: KeyId::from_bytes([2; 8]),
        version: KeyVersion::FIRST,
        purpose: KeyPurpose::FieldEncryption,
        algorithm: "aes-256",
        kek_id: &[3; 16],
    };
    let all = [
        place,
        WrapContext { cluster: &[9; 16], ..place },
        WrapContext { tenant: &other, ..place },
        WrapContext { key_id: KeyId::from_bytes([9; 8]), ..place },
        WrapContext { version: KeyVersion::new(2).unwrap(), ..place },
        WrapContext { purpose: KeyPurpose::Tokenization, ..place },
        WrapContext { algorithm: "aes-128", ..place },
        WrapContext { kek_id: &[9; 16], ..place },
    ];
    let different: std::collections::HashSet<Vec<u8>> = all.iter().map(WrapContext::aad).collect();
    assert_eq!(different.len(), all.len());
}

#[test]
fn refuses_a_ciphertext_longer_than_any_key() {
    let wrapped = |length| WrappedKey {
        mechanism: Mechanism::AesGcm,
        kek_id: [7; 16],
        iv: vec![1; 12],
        ciphertext: vec![2; length],
        tag: vec![3; 16],
    };
    assert_eq!(WrappedKey::decode(&wrapped(8192).encode()), Ok(wrapped(8192)));
    assert_eq!(WrappedKey::decode(&wrapped(8193).encode()), Err(WrappedKeyError::Shape));
}

proptest! {
    #[test]
    fn what_is_decoded_encodes_to_the_same_bytes(
        code in 0_u8..24, kek_id: [u8; 16], iv in 0_usize..20, ciphertext in 0_usize..300, tag in 0_usize..40,
    ) {
        let Some(mechanism) = Mechanism::from_code(code) else { return Ok(()) };
        let wrapped = WrappedKey {
            mechanism, kek_id, iv: vec![1; iv], ciphertext: vec![2; ciphertext], tag: vec![3; tag],
        };
        let bytes = wrapped.encode();
        match WrappedKey::decode(&bytes) {
            Ok(decoded) => prop_assert_eq!(decoded, wrapped),
            Err(error) => prop_assert_eq!(error, WrappedKeyError::Shape),
        }
    }

    #[test]
    fn a_sound_one_survives_and_no_part_of_it_does(place: prop::sample::Index, more in 1_usize..40) {
        let wrapped = WrappedKey {
            mechanism: Mechanism::AesGcm, kek_id: [7; 16], iv: vec![1; 12], ciphertext: vec![2; 32], tag: vec![3; 16],
        };
        let bytes = wrapped.encode();
        prop_assert_eq!(WrappedKey::decode(&bytes[..place.index(bytes.len())]), Err(WrappedKeyError::Malformed));
        let longer = [bytes.as_slice(), &vec![0; more]].concat();
        prop_assert_eq!(WrappedKey::decode(&longer), Err(WrappedKeyError::Malformed));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        if let Ok(wrapped) = WrappedKey::decode(&bytes) {
            prop_assert_eq!(wrapped.encode(), bytes);
        }
    }
}
