use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::vectors::{self, Hex};

#[derive(Deserialize)]
struct Vectors {
    fingerprints: Vec<Printed>,
    requests: Vec<Digested>,
}

#[derive(Deserialize)]
struct Printed {
    name: String,
    material: Hex,
    tenant: String,
    scope: String,
    class: String,
    value: Hex,
    fingerprint: Hex,
    text: String,
}

#[derive(Deserialize)]
struct Digested {
    name: String,
    material: Hex,
    parts: Vec<Hex>,
    digest: Hex,
}

fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

#[test]
fn fingerprints_are_those_of_the_vectors() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.fingerprints.len() >= 4);
    for vector in vectors.fingerprints {
        let key = FingerprintKey::derive(&vector.material.material());
        let fingerprint =
            key.fingerprint(&tenant(&vector.tenant), &vector.scope, &vector.class, &vector.value.0);
        assert_eq!(fingerprint.as_bytes().as_slice(), vector.fingerprint.0, "{}", vector.name);
        assert_eq!(fingerprint.to_string(), vector.text, "{}", vector.name);
    }
}

#[test]
fn request_digests_are_those_of_the_vectors() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.requests.len() >= 2);
    for vector in vectors.requests {
        let parts: Vec<&[u8]> = vector.parts.iter().map(|part| part.0.as_slice()).collect();
        let digest = RequestDigestKey::derive(&vector.material.material()).digest(&parts);
        assert_eq!(digest.as_slice(), vector.digest.0, "{}", vector.name);
    }
}

/// Every place where two different facts could be confused gives two fingerprints.
#[test]
fn no_two_facts_share_a_fingerprint() {
    let key = FingerprintKey::derive(&Hex(vec![1; 32]).material());
    let other = FingerprintKey::derive(&Hex(vec![2; 32]).material());
    let value = b"4111111111111111".as_slice();
    let fingerprints = [
        key.fingerprint(&tenant("acme"), "", "pan", value),
        other.fingerprint(&tenant("acme"), "", "pan", value),
        key.fingerprint(&tenant("acm"), "e", "pan", value),
        key.fingerprint(&tenant("acme"), "shop", "pan", value),
        key.fingerprint(&tenant("acme"), "", "iban", value),
        key.fingerprint(&tenant("acme"), "", "pan4", b"111111111111111"),
        Fingerprint::from_bytes(
            RequestDigestKey::derive(&Hex(vec![1; 32]).material()).digest(&[b"acme", b"", b"pan", value]),
        ),
    ];
    for (place, one) in fingerprints.iter().enumerate() {
        assert!(fingerprints.iter().skip(place + 1).all(|another| one != another));
    }
}

proptest! {
    #[test]
    fn equality_and_order_agree_with_the_bytes(one: [u8; 32], another: [u8; 32]) {
        let (left, right) = (Fingerprint::from_bytes(one), Fingerprint::from_bytes(another));
        prop_assert_eq!(left == right, one == another);
        prop_assert_eq!(left.cmp(&right), one.cmp(&another));
        prop_assert_eq!(left, Fingerprint::from_bytes(*left.as_bytes()));
    }

    #[test]
    fn the_value_decides(material: u8, one: Vec<u8>, another: Vec<u8>) {
        let key = FingerprintKey::derive(&Hex(vec![material; 32]).material());
        let fingerprint = |value: &[u8]| key.fingerprint(&tenant("acme"), "", "pan", value);
        prop_assert_eq!(fingerprint(&one) == fingerprint(&another), one == another);
    }
}
