use proptest::prelude::*;
use serde::Deserialize;
use strongroom_domain::{KeyId, KeyVersion};

use super::*;
use crate::vectors::{self, Hex};

#[derive(Deserialize)]
struct Vectors {
    made: Vec<Made>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Made {
    name: String,
    material: Hex,
    key_id: Hex,
    key_version: u32,
    aad: Hex,
    data: Hex,
    mac: Hex,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    material: Hex,
    aad: Hex,
    data: Hex,
    mac: Hex,
}

fn key(byte: u8) -> MacKey {
    MacKey::derive(&Hex(vec![byte; 32]).material())
}

fn header(id: [u8; 8], version: u32) -> Header {
    Header { key_id: KeyId::from_bytes(id), key_version: KeyVersion::new(version).unwrap() }
}

fn verifies(key: &MacKey, mac: &[u8], aad: &[u8], data: &[u8]) -> bool {
    Mac::parse(mac).is_ok_and(|mac| key.verify(&mac, aad, data))
}

#[test]
fn makes_and_verifies_as_the_vectors_say() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.made.len() >= 4);
    for vector in vectors.made {
        let key = MacKey::derive(&vector.material.material());
        let header = header(vector.key_id.array(), vector.key_version);
        assert_eq!(key.make(header, &vector.aad.0, &vector.data.0), vector.mac.0, "{}", vector.name);
        assert_eq!(Mac::parse(&vector.mac.0).unwrap().header(), header);
        assert!(verifies(&key, &vector.mac.0, &vector.aad.0, &vector.data.0), "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 10);
    for vector in vectors.refused {
        let key = MacKey::derive(&vector.material.material());
        assert!(!verifies(&key, &vector.mac.0, &vector.aad.0, &vector.data.0), "{}", vector.defect);
    }
}

proptest! {
    #[test]
    fn verifies_what_it_made_and_no_bit_can_be_changed(
        id: [u8; 8], version in 1_u32.., aad: Vec<u8>, data: Vec<u8>, place in 0..LENGTH, bit in 0_u32..8,
    ) {
        let mut mac = key(1).make(header(id, version), &aad, &data);
        prop_assert_eq!(mac.len(), LENGTH);
        prop_assert!(verifies(&key(1), &mac, &aad, &data));
        prop_assert!(!verifies(&key(2), &mac, &aad, &data));
        mac[place] ^= 1_u8 << bit;
        prop_assert!(!verifies(&key(1), &mac, &aad, &data));
    }

    #[test]
    fn moving_a_byte_between_context_and_data_changes_the_code(aad: Vec<u8>, byte: u8, data: Vec<u8>) {
        let longer = [aad.as_slice(), &[byte]].concat();
        let other = [&[byte], data.as_slice()].concat();
        let mac = key(1).make(header([7; 8], 3), &longer, &data);
        prop_assert!(!verifies(&key(1), &mac, &aad, &other));
    }
}
