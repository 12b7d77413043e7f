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
    salt: Hex,
    aad: Hex,
    plaintext: Hex,
    envelope: Hex,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    material: Hex,
    aad: Hex,
    envelope: Hex,
    error: String,
}

fn open(key: &EnvelopeKey, bytes: &[u8], aad: &[u8]) -> Result<Secret<Vec<u8>>, EnvelopeError> {
    key.open(&Envelope::parse(bytes)?, aad)
}

fn key(byte: u8) -> EnvelopeKey {
    EnvelopeKey::derive(&Hex(vec![byte; 32]).material())
}

fn header(id: [u8; 8], version: u32) -> Header {
    Header { key_id: KeyId::from_bytes(id), key_version: KeyVersion::new(version).unwrap() }
}

#[test]
fn seals_and_opens_as_the_vectors_say() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.sealed.len() >= 4);
    for vector in vectors.sealed {
        let key = EnvelopeKey::derive(&vector.material.material());
        let header = header(vector.key_id.array(), vector.key_version);
        let sealed = key.seal(header, vector.salt.array(), &vector.aad.0, &vector.plaintext.0);
        assert_eq!(sealed.as_deref(), Ok(vector.envelope.0.as_slice()), "{}", vector.name);
        assert_eq!(Envelope::parse(&vector.envelope.0).ok().map(|envelope| envelope.header()), Some(header));
        let opened = open(&key, &vector.envelope.0, &vector.aad.0).ok();
        assert!(opened.is_some_and(|opened| opened.ct_eq(&vector.plaintext.0)), "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect_for_its_reason() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 12);
    for vector in vectors.refused {
        let error =
            open(&EnvelopeKey::derive(&vector.material.material()), &vector.envelope.0, &vector.aad.0)
                .err()
                .map(|error| match error {
                    EnvelopeError::Malformed => "malformed",
                    EnvelopeError::UnknownFormat => "unknown-format",
                    EnvelopeError::Integrity => "integrity",
                });
        assert_eq!(error, Some(vector.error.as_str()), "{}", vector.defect);
    }
}

proptest! {
    #[test]
    fn opens_what_it_sealed(material: u8, id: [u8; 8], version in 1_u32.., salt: [u8; 16], aad: Vec<u8>, plaintext: Vec<u8>) {
        let key = key(material);
        let envelope = key.seal(header(id, version), salt, &aad, &plaintext).unwrap();
        prop_assert_eq!(envelope.len(), plaintext.len() + OVERHEAD);
        prop_assert!(open(&key, &envelope, &aad).is_ok_and(|opened| opened.ct_eq(&plaintext)));
    }

    #[test]
    fn no_bit_can_be_changed(salt: [u8; 16], plaintext: Vec<u8>, place: prop::sample::Index, bit in 0_u32..8) {
        let key = key(1);
        let mut envelope = key.seal(header([7; 8], 3), salt, b"place", &plaintext).unwrap();
        let place = place.index(envelope.len());
        envelope[place] ^= 1_u8 << bit;
        let expected = if place == 0 { EnvelopeError::UnknownFormat } else { EnvelopeError::Integrity };
        // A flip inside the key version may also make it 0, which is refused before the key is asked.
        let error = open(&key, &envelope, b"place").err();
        prop_assert!(error == Some(expected) || (9..13).contains(&place) && error == Some(EnvelopeError::Malformed));
    }

    #[test]
    fn no_length_but_its_own_is_accepted(plaintext: Vec<u8>, cut: prop::sample::Index, more in 1_usize..40) {
        let key = key(1);
        let envelope = key.seal(header([7; 8], 3), [9; 16], b"", &plaintext).unwrap();
        let short = &envelope[..cut.index(envelope.len())];
        let expected = if short.len() < OVERHEAD { EnvelopeError::Malformed } else { EnvelopeError::Integrity };
        prop_assert_eq!(open(&key, short, b"").err(), Some(expected));
        let long = [envelope.as_slice(), &vec![0; more]].concat();
        prop_assert_eq!(open(&key, &long, b"").err(), Some(EnvelopeError::Integrity));
    }

    #[test]
    fn key_and_context_are_both_needed(plaintext: Vec<u8>, aad: Vec<u8>, other: Vec<u8>) {
        prop_assume!(aad != other);
        let envelope = key(1).seal(header([7; 8], 3), [9; 16], &aad, &plaintext).unwrap();
        prop_assert_eq!(open(&key(2), &envelope, &aad).err(), Some(EnvelopeError::Integrity));
        prop_assert_eq!(open(&key(1), &envelope, &other).err(), Some(EnvelopeError::Integrity));
    }
}

/// The point of the commitment: whoever knows two keys can make a ciphertext and tag that AES-GCM accepts under both.
/// Here the tag is made right for the second key and the first key's commitment is left: it is refused all the same.
#[test]
fn a_right_tag_does_not_make_up_for_a_wrong_commitment() {
    let header = header([7; 8], 3);
    let mine = key(1).seal(header, [9; 16], b"", b"content").unwrap();
    let theirs = key(2).seal(header, [9; 16], b"", b"content").unwrap();
    let mixed = [&theirs[..29], &mine[29..CLEAR_LENGTH], &theirs[CLEAR_LENGTH..]].concat();
    assert!(open(&key(2), &theirs, b"").is_ok());
    assert_eq!(open(&key(2), &mixed, b"").err(), Some(EnvelopeError::Integrity));
    assert_eq!(open(&key(1), &mixed, b"").err(), Some(EnvelopeError::Integrity));
}

/// Around the length beyond which authenticated data needs memory of its own, against the libraries' general parts.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test derives again from the made-up working key")]
fn contexts_of_every_length_are_authenticated_alike() {
    let (key, header, salt) = (key(1), header([7; 8], 3), [9; 16]);
    for length in [0, 1, 242, 243, 244, 1000] {
        let aad = vec![5; length];
        let sealed = key.seal(header, salt, &aad, b"plain").unwrap();
        let mut derived = [0; 76];
        let info = [MESSAGE_LABEL.as_slice(), &header.encode(FORMAT)].concat();
        hkdf::Hkdf::<sha2::Sha256>::new(Some(&salt), key.0.expose()).expand(&info, &mut derived).unwrap();
        let cipher = aes_gcm::Aes256Gcm::new_from_slice(&derived[..32]).unwrap();
        let nonce = <[u8; 12]>::try_from(&derived[32..44]).unwrap().into();
        let mut content = b"plain".to_vec();
        let covered = [header.encode(FORMAT).as_slice(), &aad].concat();
        let tag = cipher.encrypt_inout_detached(&nonce, &covered, content.as_mut_slice().into()).unwrap();
        let expected = [header.encode(FORMAT).as_slice(), &salt, &derived[44..], &content, &tag].concat();
        assert_eq!(sealed, expected, "{length}");
    }
}
