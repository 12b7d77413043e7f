//! Values encrypted in their own format, against another implementation of FF1 with the derivation and the tweak put together
//! here, as the specification says.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail it")]

use aes::Aes256;
use fpe::ff1::{FF1, FlexibleNumeralString};
use hkdf::Hkdf;
use proptest::prelude::*;
use sha2::Sha256;
use strongroom_crypto::KeyMaterial;
use strongroom_crypto::ff1::Ff1Key;
use strongroom_domain::{Alphabet, LEAST_DOMAIN, Secret, ValueFormat};

/// An alphabet, a format of one length and a value of it.
fn values() -> impl Strategy<Value = (ValueFormat, Vec<u8>)> {
    let characters: Vec<char> = ('!'..='~').collect();
    let alphabet = (2_usize..=94).prop_flat_map(move |size| {
        let all = Just(characters.clone()).prop_shuffle();
        all.prop_map(move |all| all.iter().take(size).collect::<String>())
    });
    (alphabet, 0_u8..4, 0_u8..4, 0_u8..12)
        .prop_filter_map("too long", |(characters, first, last, more)| {
            let alphabet = Alphabet::parse(&characters).unwrap();
            let domain = |length: &u8| u128::from(alphabet.radix()).pow(u32::from(*length));
            let fewest = (2_u8..).find(|length| domain(length) >= LEAST_DOMAIN).unwrap();
            let length = fewest + more + first + last;
            Some((ValueFormat::new(alphabet, (length, length), (first, last)).ok()?, characters, length))
        })
        .prop_flat_map(|(format, characters, length)| {
            let value =
                prop::collection::vec(prop::sample::select(characters.into_bytes()), usize::from(length));
            (Just(format), value)
        })
}

/// As SPEC.md of ff1 says, by other hands.
fn oracle(material: &[u8], format: &ValueFormat, place: &[u8], value: &[u8]) -> Vec<u8> {
    let mut key = [0; 32];
    let extracted = Hkdf::<Sha256>::new(Some(b"strongroom/v1/key-material"), material);
    extracted.expand(b"strongroom/ff1", &mut key).unwrap();
    let (first, last) = format.kept();
    let (first, rest) = value.split_at(usize::from(first));
    let (middle, last) = rest.split_at(rest.len() - usize::from(last));
    let mut tweak = Vec::new();
    for part in [b"strongroom/ff1/tweak".as_slice(), place, first, last] {
        tweak.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        tweak.extend(part);
    }
    let alphabet = format.alphabet().as_str().as_bytes();
    let numeral =
        |byte: &u8| u16::try_from(alphabet.iter().position(|known| known == byte).unwrap()).unwrap();
    let numerals = FlexibleNumeralString::from(middle.iter().map(numeral).collect::<Vec<u16>>());
    let cipher = FF1::<Aes256>::new(&key, format.alphabet().radix()).unwrap();
    let encrypted: Vec<u16> = cipher.encrypt(&tweak, &numerals).unwrap().into();
    let encrypted = encrypted.iter().filter_map(|numeral| alphabet.get(usize::from(*numeral)));
    first.iter().chain(encrypted).chain(last).copied().collect()
}

proptest! {
    #[test]
    fn both_encrypt_alike_and_ours_decrypts(
        (format, value) in values(), material: [u8; 32], place in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let expected = oracle(&material, &format, &place, &value);
        let key = Ff1Key::derive(&KeyMaterial::from_secret(Secret::new(material.to_vec())).unwrap());
        prop_assert!(key.encrypt(&format, &place, &value).unwrap().ct_eq(&expected));
        prop_assert!(key.decrypt(&format, &place, &expected).unwrap().ct_eq(&value));
    }
}
