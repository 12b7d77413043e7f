use aes::Aes256Enc;
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use serde::Deserialize;
use strongroom_domain::Alphabet;

use super::*;
use crate::vectors::{self, Hex};

/// NIST's FF1 samples for AES-256: radix, tweak, plaintext, ciphertext.
const SAMPLES: &[(u32, &str, &str, &str)] = &[
    (10, "", "0123456789", "6657667009"),
    (10, "39383736353433323130", "0123456789", "1001623463"),
    (36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
];
const NIST_KEY: &str = "2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94";
const LETTERS: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

fn numerals(text: &str) -> Vec<u8> {
    let alphabet = Alphabet::parse(LETTERS).unwrap();
    text.bytes().map(|byte| alphabet.numeral(byte).unwrap()).collect()
}

#[test]
fn the_rounds_are_those_of_the_standard() {
    let key: [u8; 32] = HEXLOWER.decode(NIST_KEY.as_bytes()).unwrap().try_into().unwrap();
    let cipher = Aes256Enc::new(&key.into());
    for (radix, tweak, plain, encrypted) in SAMPLES {
        let tweak = HEXLOWER.decode(tweak.as_bytes()).unwrap();
        let mut value = numerals(plain);
        rounds::encrypt(&cipher, *radix, &tweak, &mut value);
        assert_eq!(value, numerals(encrypted));
        rounds::decrypt(&cipher, *radix, &tweak, &mut value);
        assert_eq!(value, numerals(plain));
    }
}

fn key(byte: u8) -> Ff1Key {
    Ff1Key::derive(&Hex(vec![byte; 32]).material())
}

fn cards() -> ValueFormat {
    ValueFormat::new(Alphabet::parse("0123456789").unwrap(), (16, 16), (6, 4)).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test looks at what came out")]
fn shown(secret: Secret<Vec<u8>>) -> String {
    String::from_utf8(secret.expose().clone()).unwrap()
}

#[test]
fn key_place_and_kept_digits_change_what_comes_out() {
    let encrypt =
        |key: &Ff1Key, place: &[u8], value: &[u8]| shown(key.encrypt(&cards(), place, value).unwrap());
    let first = encrypt(&key(1), b"place", b"4111110000001111");
    let others = [
        encrypt(&key(2), b"place", b"4111110000001111"),
        encrypt(&key(1), b"elsewhere", b"4111110000001111"),
        encrypt(&key(1), b"place", b"4111120000001111"),
        encrypt(&key(1), b"place", b"4111110000001112"),
    ];
    for other in others {
        assert_ne!(first.as_bytes()[6..12], other.as_bytes()[6..12]);
    }
}

#[derive(Deserialize)]
struct Vectors {
    encrypted: Vec<Encrypted>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Encrypted {
    name: String,
    material: Hex,
    place: Hex,
    format: String,
    value: String,
    encrypted: String,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    format: String,
    value: String,
    error: String,
}

#[test]
fn encrypts_and_decrypts_as_the_vectors_say() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.encrypted.len() >= 8);
    for vector in vectors.encrypted {
        let key = Ff1Key::derive(&vector.material.material());
        let format = ValueFormat::parse(&vector.format).unwrap();
        let encrypted = key.encrypt(&format, &vector.place.0, vector.value.as_bytes()).unwrap();
        assert_eq!(shown(encrypted), vector.encrypted, "{}", vector.name);
        let opened = key.decrypt(&format, &vector.place.0, vector.encrypted.as_bytes()).unwrap();
        assert_eq!(shown(opened), vector.value, "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect_for_its_reason() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 7);
    for vector in vectors.refused {
        let format = ValueFormat::parse(&vector.format).unwrap();
        for outcome in [
            key(1).encrypt(&format, b"", vector.value.as_bytes()),
            key(1).decrypt(&format, b"", vector.value.as_bytes()),
        ] {
            let error = outcome.err().map(|error| match error {
                ValueError::Length => "length",
                ValueError::Character => "character",
            });
            assert_eq!(error, Some(vector.error.as_str()), "{}", vector.defect);
        }
    }
}

/// All 10^6 values of the smallest domain, encrypted, are all 10^6 values again.
#[test]
fn the_smallest_domain_is_permuted() {
    let format = ValueFormat::new(Alphabet::parse("0123456789").unwrap(), (6, 6), (0, 0)).unwrap();
    let key = key(1);
    let mut seen = vec![false; 1_000_000];
    for value in 0..1_000_000_u32 {
        let encrypted = shown(key.encrypt(&format, b"", format!("{value:06}").as_bytes()).unwrap());
        let place = &mut seen[encrypted.parse::<usize>().unwrap()];
        assert!(!*place, "{encrypted} came out twice");
        *place = true;
    }
}

/// An alphabet, and a value of it with what is kept.
fn values() -> impl Strategy<Value = (ValueFormat, Vec<u8>)> {
    let characters: Vec<char> = ('!'..='~').collect();
    let alphabet = (2_usize..=94).prop_flat_map(move |size| {
        Just(characters.clone()).prop_shuffle().prop_map(move |all| all[..size].iter().collect::<String>())
    });
    (alphabet, 0_u8..5, 0_u8..5, 0_u8..8).prop_flat_map(|(characters, first, last, more)| {
        let alphabet = Alphabet::parse(&characters).unwrap();
        let fewest = (2_u8..)
            .find(|length| {
                u128::from(alphabet.radix()).pow(u32::from(*length)) >= strongroom_domain::LEAST_DOMAIN
            })
            .unwrap();
        let length = fewest + more + first + last;
        let format = ValueFormat::new(alphabet, (length, length), (first, last)).unwrap();
        let value = prop::collection::vec(prop::sample::select(characters.into_bytes()), usize::from(length));
        (Just(format), value)
    })
}

proptest! {
    #[test]
    fn opens_what_it_encrypted_and_keeps_the_format((format, value) in values(), place: Vec<u8>, material: u8) {
        let encrypted = shown(key(material).encrypt(&format, &place, &value).unwrap());
        let before = format.split(&value).unwrap();
        let after = format.split(encrypted.as_bytes()).unwrap();
        prop_assert_eq!((before.first, before.last), (after.first, after.last));
        let opened = key(material).decrypt(&format, &place, encrypted.as_bytes()).unwrap();
        prop_assert!(opened.ct_eq(&value));
    }
}
