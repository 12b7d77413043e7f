//! Whatever is sealed opens, with its key only; whatever else is handed in is refused, as text, as parts, as a header and
//! as a public key.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::KeyMaterial;
use strongroom_crypto::jwe::{Jwe, JweError, PublicJwk, RecipientKey, Refusal};
use strongroom_domain::Secret;

type Input<'a> = ([u8; 32], usize, u8, &'a str, &'a [u8]);

fuzz_target!(|input: Input<'_>| {
    let (entropy, place, to, text, bytes) = input;
    let key = key(7);
    assert!(open(&key, text).is_err(), "not sealed here");
    assert!(open(&key, &with_header(text.as_bytes())).is_err(), "the tag is made up");
    assert!(open(&key, &with_header(bytes)).is_err(), "the tag is made up");
    for json in [text.as_bytes(), bytes] {
        reads_again_what_it_wrote(json);
    }

    let Ok(jwe) = key.public().seal(&Secret::new(entropy), bytes) else { return };
    let parsed = Jwe::parse(&jwe).expect("what was sealed has the layout");
    assert_eq!(parsed.kid(), key.public().kid());
    assert!(key.open(&parsed).is_ok_and(|opened| opened.ct_eq(bytes)), "opens to what was sealed");
    assert_eq!(open(&self::key(8), &jwe).err().map(JweError::refusal), Some(Refusal::NotForThisKey));

    let mut altered = jwe.clone().into_bytes();
    let place = place % altered.len();
    altered[place] = to % 128;
    let altered = String::from_utf8(altered).expect("ASCII stays ASCII");
    assert_eq!(open(&key, &altered).is_ok(), altered == jwe, "any change is noticed");
});

fn open(key: &RecipientKey, text: &str) -> Result<Secret<Vec<u8>>, JweError> {
    key.open(&Jwe::parse(text)?)
}

/// Gets any header past the outer layers.
fn with_header(json: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in json.chunks(3) {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            text.push(DIGITS[bits >> (18 - 6 * digit) & 63].into());
        }
    }
    text + "..AAAAAAAAAAAAAAAA..AAAAAAAAAAAAAAAAAAAAAA"
}

fn reads_again_what_it_wrote(json: &[u8]) {
    let Ok(key) = PublicJwk::parse(json) else { return };
    assert!(PublicJwk::parse(key.to_string().as_bytes()) == Ok(key), "one spelling");
}

fn key(byte: u8) -> RecipientKey {
    RecipientKey::derive(&KeyMaterial::from_secret(Secret::new(vec![byte; 32])).expect("32 bytes"))
}
