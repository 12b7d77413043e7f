use proptest::prelude::*;
use serde::Deserialize;
use strongroom_domain::{KeyId, KeyVersion};

use super::*;
use crate::vectors::{self, Hex};

#[derive(Deserialize)]
struct Vectors {
    sealed: Vec<Sealed>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Sealed {
    name: String,
    material: Hex,
    key_id: Hex,
    key_version: u32,
    aad: Hex,
    plaintext: Hex,
    ciphertext: Hex,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    material: Hex,
    aad: Hex,
    ciphertext: Hex,
    error: String,
}

fn open(key: &DeterministicKey, bytes: &[u8], aad: &[u8]) -> Result<Secret<Vec<u8>>, DeterministicError> {
    key.open(&DeterministicCiphertext::parse(bytes)?, aad)
}

fn key(byte: u8) -> DeterministicKey {
    DeterministicKey::derive(&Hex(vec![byte; 32]).material())
}

fn header(id: [u8; 8], version: u32) -> Header {
    Header { key_id: KeyId::from_bytes(id), key_version: KeyVersion::new(version).unwrap() }
}

#[test]
fn seals_and_opens_as_the_vectors_say() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.sealed.len() >= 5);
    for vector in vectors.sealed {
        let key = DeterministicKey::derive(&vector.material.material());
        let header = header(vector.key_id.array(), vector.key_version);
        let sealed = key.seal(header, &vector.aad.0, &vector.plaintext.0);
        assert_eq!(sealed, vector.ciphertext.0, "{}", vector.name);
        let parsed = DeterministicCiphertext::parse(&vector.ciphertext.0).unwrap();
        assert_eq!(parsed.header(), header);
        let opened = open(&key, &vector.ciphertext.0, &vector.aad.0).ok();
        assert!(opened.is_some_and(|opened| opened.ct_eq(&vector.plaintext.0)), "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect_for_its_reason() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 10);
    for vector in vectors.refused {
        let key = DeterministicKey::derive(&vector.material.material());
        let error = open(&key, &vector.ciphertext.0, &vector.aad.0).err().map(|error| match error {
            DeterministicError::Malformed => "malformed",
            DeterministicError::UnknownFormat => "unknown-format",
            DeterministicError::Integrity => "integrity",
        });
        assert_eq!(error, Some(vector.error.as_str()), "{}", vector.defect);
    }
}

proptest! {
    #[test]
    fn opens_what_it_sealed_and_equal_stays_equal(
        material: u8, id: [u8; 8], version in 1_u32.., aad: Vec<u8>, plaintext: Vec<u8>,
    ) {
        let sealed = key(material).seal(header(id, version), &aad, &plaintext);
        prop_assert_eq!(sealed.len(), plaintext.len() + OVERHEAD);
        prop_assert_eq!(&key(material).seal(header(id, version), &aad, &plaintext), &sealed);
        prop_assert!(open(&key(material), &sealed, &aad).is_ok_and(|opened| opened.ct_eq(&plaintext)));
    }

    /// Nothing can be told across keys, versions and contexts: all of the vector and the content changes.
    #[test]
    fn what_differs_in_anything_shares_nothing(plaintext in prop::collection::vec(any::<u8>(), 16..64), aad: Vec<u8>) {
        let first = key(1).seal(header([7; 8], 3), &aad, &plaintext);
        let longer = [aad.as_slice(), b"x"].concat();
        for other in [
            key(2).seal(header([7; 8], 3), &aad, &plaintext),
            key(1).seal(header([8; 8], 3), &aad, &plaintext),
            key(1).seal(header([7; 8], 4), &aad, &plaintext),
            key(1).seal(header([7; 8], 3), &longer, &plaintext),
        ] {
            prop_assert_ne!(&first[13..29], &other[13..29]);
            prop_assert_ne!(&first[29..], &other[29..]);
        }
    }

    #[test]
    fn no_bit_can_be_changed(plaintext: Vec<u8>, place: prop::sample::Index, bit in 0_u32..8) {
        let mut sealed = key(1).seal(header([7; 8], 3), b"place", &plaintext);
        let place = place.index(sealed.len());
        sealed[place] ^= 1_u8 << bit;
        let expected =
            if place == 0 { DeterministicError::UnknownFormat } else { DeterministicError::Integrity };
        // A flip inside the key version may also make it 0, which is refused before the key is asked.
        let error = open(&key(1), &sealed, b"place").err();
        prop_assert!(error == Some(expected) || (9..13).contains(&place) && error == Some(DeterministicError::Malformed));
    }

    #[test]
    fn no_length_but_its_own_is_accepted(plaintext: Vec<u8>, cut: prop::sample::Index, more in 1_usize..40) {
        let sealed = key(1).seal(header([7; 8], 3), b"", &plaintext);
        let short = &sealed[..cut.index(sealed.len())];
        let expected =
            if short.len() < OVERHEAD { DeterministicError::Malformed } else { DeterministicError::Integrity };
        prop_assert_eq!(open(&key(1), short, b"").err(), Some(expected));
        let long = [sealed.as_slice(), &vec![0; more]].concat();
        prop_assert_eq!(open(&key(1), &long, b"").err(), Some(DeterministicError::Integrity));
    }
}
