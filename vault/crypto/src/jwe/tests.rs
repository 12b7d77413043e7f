use std::collections::HashSet;

use base64::Engine as _;
use proptest::prelude::*;
use serde::Deserialize;
use strongroom_domain::Secret;

use super::*;
use crate::vectors::{self, Hex};

#[derive(Deserialize)]
struct Vectors {
    derived: Vec<Derived>,
    keys: Vec<Pair>,
    sealed: Vec<Sealed>,
    opened: Vec<Opened>,
    refused: Vec<Refused>,
    refused_keys: Vec<RefusedKey>,
}

#[derive(Deserialize)]
struct Derived {
    name: String,
    shared: Hex,
    algorithm: String,
    party_u: Hex,
    party_v: Hex,
    key: Hex,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    material: Hex,
    public: String,
}

#[derive(Deserialize)]
struct Sealed {
    name: String,
    material: Hex,
    recipient: String,
    entropy: Hex,
    plaintext: Hex,
    jwe: String,
}

#[derive(Deserialize)]
struct Opened {
    name: String,
    material: Hex,
    jwe: String,
    plaintext: Hex,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    material: Hex,
    jwe: String,
    error: String,
}

#[derive(Deserialize)]
struct RefusedKey {
    defect: String,
    jwk: String,
    error: String,
}

fn vectors() -> Vectors {
    vectors::read(include_str!("vectors.json"))
}

fn key(byte: u8) -> RecipientKey {
    RecipientKey::derive(&Hex(vec![byte; 32]).material())
}

fn open(key: &RecipientKey, text: &str) -> Result<Secret<Vec<u8>>, JweError> {
    key.open(&Jwe::parse(text)?)
}

fn opens_to(key: &RecipientKey, text: &str, plaintext: &[u8]) -> bool {
    open(key, text).is_ok_and(|opened| opened.ct_eq(plaintext))
}

#[test]
fn derives_as_the_vectors_say() {
    let derived = vectors().derived;
    assert!(derived.len() >= 3);
    for Derived { name, shared, algorithm, party_u, party_v, key } in derived {
        let right = match key.0.len() {
            16 => concat_kdf::<16>(&shared.0, &algorithm, &party_u.0, &party_v.0).ct_eq(&key.0),
            32 => concat_kdf::<32>(&shared.0, &algorithm, &party_u.0, &party_v.0).ct_eq(&key.0),
            length => panic!("{length} bytes"),
        };
        assert!(right, "{name}");
    }
}

#[test]
fn makes_the_key_pairs_of_the_vectors() {
    let pairs = vectors().keys;
    assert!(pairs.len() >= 3);
    for Pair { name, material, public } in pairs {
        let key = RecipientKey::derive(&material.material());
        assert_eq!(key.public().to_string(), public, "{name}");
        assert_eq!(key.public().kid(), key.public().thumbprint(), "{name}");
        assert_eq!(PublicJwk::parse(public.as_bytes()).as_ref(), Ok(key.public()), "{name}");
    }
}

#[test]
fn seals_and_opens_as_the_vectors_say() {
    let sealed = vectors().sealed;
    assert!(sealed.len() >= 5);
    for vector in sealed {
        let recipient = PublicJwk::parse(vector.recipient.as_bytes()).unwrap();
        let key = RecipientKey::derive(&vector.material.material());
        assert_eq!(recipient.thumbprint(), key.public().kid(), "{}", vector.name);
        let jwe = recipient.seal(&Secret::new(vector.entropy.array()), &vector.plaintext.0).unwrap();
        assert_eq!(jwe, vector.jwe, "{}", vector.name);
        assert_eq!(Jwe::parse(&jwe).unwrap().kid(), recipient.kid(), "{}", vector.name);
        assert!(opens_to(&key.named(recipient), &jwe, &vector.plaintext.0), "{}", vector.name);
    }
}

#[test]
fn opens_what_others_made() {
    let opened = vectors().opened;
    assert!(opened.len() >= 10);
    for vector in opened {
        let key = RecipientKey::derive(&vector.material.material());
        assert!(opens_to(&key, &vector.jwe, &vector.plaintext.0), "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect_for_its_reason_and_tells_none() {
    let refused = vectors().refused;
    assert!(refused.len() >= 100);
    let mut told = HashSet::new();
    for vector in refused {
        let key = RecipientKey::derive(&vector.material.material());
        let error = open(&key, &vector.jwe).err().inspect(|error| {
            told.insert(error.to_string());
        });
        let refusal = error.map(|error| match error.refusal() {
            Refusal::Malformed => "malformed",
            Refusal::Unsupported => "unsupported",
            Refusal::EphemeralKey => "ephemeral-key",
            Refusal::NotForThisKey => "not-for-this-key",
            Refusal::Integrity => "integrity",
        });
        assert_eq!(refusal, Some(vector.error.as_str()), "{}", vector.defect);
    }
    assert_eq!(told, HashSet::from([JweError::unknown_key().to_string()]));
}

#[test]
fn refuses_each_defect_of_a_key() {
    let refused = vectors().refused_keys;
    assert!(refused.len() >= 20);
    for vector in refused {
        let error = PublicJwk::parse(vector.jwk.as_bytes()).err().map(|error| match error {
            PublicJwkError::Malformed => "malformed",
            PublicJwkError::Private => "private",
            PublicJwkError::Point => "point",
        });
        assert_eq!(error, Some(vector.error.as_str()), "{}", vector.defect);
    }
}

#[test]
fn the_longest_plaintext_goes_both_ways_and_a_longer_one_neither() {
    let key = key(1);
    let plaintext = vec![7; MAX_PLAINTEXT_LENGTH];
    let jwe = key.public().seal(&Secret::new([9; 32]), &plaintext).unwrap();
    assert!(opens_to(&key, &jwe, &plaintext));
    let longer = key.public().seal(&Secret::new([9; 32]), &vec![7; MAX_PLAINTEXT_LENGTH + 1]);
    assert_eq!(longer, Err(PlaintextTooLong));
    let (front, tag) = jwe.rsplit_once('.').unwrap();
    let refused = open(&key, &format!("{front}AA.{tag}")).err();
    assert_eq!(refused.map(JweError::refusal), Some(Refusal::Malformed));
}

#[test]
fn a_part_of_an_export_may_be_longer_and_is_read_as_such_only() {
    let key = key(1);
    let plaintext = vec![7; MAX_LONG_PLAINTEXT_LENGTH];
    let jwe = key.public().seal_long(&Secret::new([9; 32]), &plaintext).unwrap();
    assert!(key.open(&Jwe::parse_long(&jwe).unwrap()).is_ok_and(|opened| opened.ct_eq(&plaintext)));
    assert_eq!(Jwe::parse(&jwe).err().map(JweError::refusal), Some(Refusal::Malformed));
    let longer = key.public().seal_long(&Secret::new([9; 32]), &vec![7; MAX_LONG_PLAINTEXT_LENGTH + 1]);
    assert_eq!(longer, Err(PlaintextTooLong));
    let short = key.public().seal(&Secret::new([9; 32]), b"short").unwrap();
    assert_eq!(key.public().seal_long(&Secret::new([9; 32]), b"short"), Ok(short));
}

/// What a machine that was copied while it runs would do: the same entropy again.
#[test]
fn repeated_entropy_repeats_neither_ephemeral_key_nor_initialization_vector() {
    let (first, second) = (key(1), key(2));
    let seal = |key: &RecipientKey, plaintext: &[u8]| {
        let jwe = key.public().seal(&Secret::new([9; 32]), plaintext).unwrap();
        let parsed = Jwe::parse(&jwe).unwrap();
        (parsed.header.ephemeral, parsed.iv)
    };
    let all = [seal(&first, b"one"), seal(&first, b"two"), seal(&second, b"one"), seal(&first, b"")];
    for (place, one) in all.iter().enumerate() {
        for other in all.iter().skip(place + 1) {
            assert!(one.0 != other.0 && one.1 != other.1);
        }
    }
}

proptest! {
    // Each case is a handful of multiplications on the curve.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn opens_what_it_sealed_with_its_key_only(
        material in 1_u8.., entropy: [u8; 32], plaintext: Vec<u8>, kid in "[!-~]{1,256}",
    ) {
        let key = key(material);
        let jwe = key.public().seal(&Secret::new(entropy), &plaintext).unwrap();
        prop_assert!(Jwe::parse(&jwe).is_ok_and(|jwe| jwe.kid() == key.public().kid()));
        prop_assert!(opens_to(&key, &jwe, &plaintext));
        let other = self::key(0);
        prop_assert_eq!(open(&other, &jwe).err().map(JweError::refusal), Some(Refusal::NotForThisKey));
        let taken = other.named(key.public().clone());
        prop_assert_eq!(open(&taken, &jwe).err().map(JweError::refusal), Some(Refusal::Integrity));

        let registered = key.public().to_string().replace(key.public().kid(), "?");
        let registered = registered.replace("\"?\"", &serde_json::Value::from(kid.as_str()).to_string());
        let registered = PublicJwk::parse(registered.as_bytes()).unwrap();
        prop_assert_eq!(registered.kid(), kid.as_str());
        let read_again = PublicJwk::parse(registered.to_string().as_bytes());
        prop_assert_eq!(read_again.as_ref(), Ok(&registered));
        let jwe = registered.seal(&Secret::new(entropy), &plaintext).unwrap();
        prop_assert!(opens_to(&key.named(registered), &jwe, &plaintext));
    }

    #[test]
    fn no_character_can_be_changed(plaintext: Vec<u8>, place: prop::sample::Index, to in "[ -~é\n]") {
        let key = key(1);
        let jwe = key.public().seal(&Secret::new([9; 32]), &plaintext).unwrap();
        let place = place.index(jwe.len());
        let (front, back) = jwe.split_at(place);
        let altered = [front, &to, back.split_at(1).1].concat();
        prop_assume!(altered != jwe);
        prop_assert!(open(&key, &altered).is_err());
    }

    #[test]
    fn no_character_can_be_added_or_left_out(plaintext: Vec<u8>, place: prop::sample::Index, added in "[A-Za-z0-9_.-]") {
        let key = key(1);
        let jwe = key.public().seal(&Secret::new([9; 32]), &plaintext).unwrap();
        let place = place.index(jwe.len());
        let (front, back) = jwe.split_at(place);
        prop_assert!(open(&key, &[front, &added, back].concat()).is_err());
        prop_assert!(open(&key, &[front, back.split_at(1).1].concat()).is_err());
    }

    /// Headers of any JSON, and of bytes that are none, are read or refused, and never worse.
    #[test]
    fn no_header_is_too_strange(bytes: Vec<u8>, name in "[a-z]{1,3}", text in ".{0,20}") {
        let value = serde_json::Value::from(text);
        for header in [bytes, format!("{{\"alg\":\"ECDH-ES\",\"{name}\":{value}}}").into_bytes()] {
            let jwe = format!("{}..AAAAAAAAAAAAAAAA..AAAAAAAAAAAAAAAAAAAAAA", BASE64URL.encode(header));
            prop_assert!(Jwe::parse(&jwe).is_err());
        }
        let jwk = format!("{{\"kty\":\"EC\",\"{name}\":{value}}}");
        prop_assert!(PublicJwk::parse(jwk.as_bytes()).is_err());
    }
}
