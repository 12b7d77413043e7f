//! `jwe` against the libraries that callers use, both ways.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail it")]

use serde_json::{Value, json};
use strongroom_crypto::KeyMaterial;
use strongroom_crypto::jwe::{Jwe, JweError, PublicJwk, RecipientKey, Refusal, value_plaintext};
use strongroom_domain::{Card, Expiry, Holder, LuhnRule, Pan, Secret, Token, Value as DomainValue};
use strongroom_interop::Oracle;

/// Both libraries, by name.
fn libraries() -> [(&'static str, Oracle); 2] {
    [("jwcrypto", Oracle::python("jwe").unwrap()), ("jose", Oracle::node("jwe").unwrap())]
}

fn key(byte: u8) -> RecipientKey {
    RecipientKey::derive(&KeyMaterial::from_secret(Secret::new(vec![byte; 32])).unwrap())
}

fn public(key: &PublicJwk) -> Value {
    serde_json::from_str(&key.to_string()).unwrap()
}

fn open(key: &RecipientKey, jwe: &Value) -> Result<Secret<Vec<u8>>, JweError> {
    key.open(&Jwe::parse(jwe.as_str().unwrap())?)
}

/// The header that a caller of this library gives it; what it adds by itself is the ephemeral key.
fn header(key: &RecipientKey, more: Value) -> Value {
    let mut header = json!({"alg": "ECDH-ES", "enc": "A256GCM", "kid": key.public().kid()});
    header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    header
}

fn seal(key: &RecipientKey, header: &Value, plaintext: &[u8]) -> Value {
    json!({"do": "seal", "public": public(key.public()), "header": header, "plaintext": hexadecimal(plaintext)})
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every length up to some blocks of the cipher, every byte, and the longest there may be.
fn plaintexts() -> Vec<Vec<u8>> {
    let long = [(0..=255).collect(), vec![7; 65536]];
    (1..=50).map(|length| vec![b'4'; length]).chain(long).collect()
}

#[test]
fn the_vault_opens_what_they_seal() {
    let key = key(1);
    let headers = [
        header(&key, json!({})),
        header(&key, json!({"typ": "JOSE", "cty": "application/json"})),
        header(&key, json!({"apu": "QWxpY2U", "apv": "Qm9i"})),
        header(&key, json!({"apv": "Qm9i"})),
    ];
    for (name, library) in libraries() {
        let mut cases = Vec::new();
        for plaintext in plaintexts() {
            cases.extend(headers.iter().map(|header| (header, plaintext.clone())));
        }
        let requests: Vec<_> =
            cases.iter().map(|(header, plaintext)| seal(&key, header, plaintext)).collect();
        for ((header, plaintext), answer) in cases.iter().zip(library.ask(&requests).unwrap()) {
            let opened = open(&key, &answer["jwe"]);
            let right = opened.is_ok_and(|opened| opened.ct_eq(plaintext));
            assert!(right, "{name}, {} bytes, {header}", plaintext.len());
        }
    }
}

#[test]
fn they_open_what_the_vault_seals() {
    for (name, library) in libraries() {
        let pairs: Vec<_> = (0..8).map(|n| json!({"do": "pair", "kid": format!("partner\"{n}")})).collect();
        let (mut requests, mut expected) = (Vec::new(), Vec::new());
        for (seed, pair) in library.ask(&pairs).unwrap().into_iter().enumerate() {
            let recipient = PublicJwk::parse(pair["public"].to_string().as_bytes()).unwrap();
            for plaintext in plaintexts() {
                let entropy = Secret::new([u8::try_from(seed).unwrap(); 32]);
                let jwe = recipient.seal(&entropy, &plaintext).unwrap();
                requests.push(json!({"do": "open", "private": pair["private"], "jwe": jwe}));
                expected.push(json!({"plaintext": hexadecimal(&plaintext)}));
            }
        }
        assert_eq!(requests.len(), 8 * plaintexts().len());
        assert!(library.ask(&requests).unwrap() == expected, "{name}");
    }
}

/// A token's value as a caller gets it, opened by what the caller has: a key that the library made and named by its
/// thumbprint, or not at all.
#[test]
fn they_open_the_values_that_leave_encrypted() {
    let token = Token::parse("tok_00000000000000000000000000000000").unwrap();
    let card = Card {
        number: Pan::parse("4111111111111111", LuhnRule::Required).unwrap(),
        expiry: Expiry::new(12, 2030).ok(),
        holder: Holder::parse("A \"N\" Öther".to_owned()).ok(),
    };
    let plaintext = value_plaintext(&token, &DomainValue::Card(card)).unwrap();
    let clear = json!({
        "token": token.as_str(), "type": "card",
        "card": {"number": "4111111111111111", "exp_month": 12, "exp_year": 2030, "holder": "A \"N\" Öther"}
    });
    for (name, library) in libraries() {
        let pair = library.ask(&[json!({"do": "pair", "kid": "unnamed"})]).unwrap().remove(0);
        let mut public = pair["public"].clone();
        public.as_object_mut().unwrap().remove("kid");
        let named = library.ask(&[json!({"do": "thumbprint", "public": public})]).unwrap().remove(0);
        let recipient = PublicJwk::parse(public.to_string().as_bytes()).unwrap();
        assert_eq!(json!(recipient.kid()), named["thumbprint"], "{name}");
        #[expect(clippy::disallowed_methods, reason = "a test's card")]
        let jwe = recipient.seal(&Secret::new([9; 32]), plaintext.expose()).unwrap();
        let opened = library.ask(&[json!({"do": "open", "private": pair["private"], "jwe": jwe})]).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's card")]
        let expected = plaintext.expose();
        assert_eq!(opened, [json!({"plaintext": hexadecimal(expected)})], "{name}");
        assert_eq!(serde_json::from_slice::<Value>(expected).unwrap(), clear);
        // The pair as the library keeps it opens it here as well.
        let own = Secret::new(pair["private"].to_string().into_bytes());
        let own = RecipientKey::from_private_jwk(&own).unwrap();
        assert!(open(&own, &json!(jwe)).is_ok(), "{name}");
    }
}

/// jwcrypto takes an empty plaintext for none and opens it as an error, so only the other one is asked.
#[test]
fn an_empty_plaintext_goes_both_ways() {
    let (key, library) = (key(1), Oracle::node("jwe").unwrap());
    let sealed = library.ask(&[seal(&key, &header(&key, json!({})), b"")]).unwrap();
    assert!(open(&key, &sealed[0]["jwe"]).is_ok_and(|opened| opened.ct_eq(b"")));

    let pair = library.ask(&[json!({"do": "pair", "kid": "partner"})]).unwrap().remove(0);
    let recipient = PublicJwk::parse(pair["public"].to_string().as_bytes()).unwrap();
    let jwe = recipient.seal(&Secret::new([9; 32]), b"").unwrap();
    let opened = library.ask(&[json!({"do": "open", "private": pair["private"], "jwe": jwe})]).unwrap();
    assert_eq!(opened, [json!({"plaintext": ""})]);
}

#[test]
fn names_are_the_thumbprints_that_they_compute() {
    let keys: Vec<_> = (0..32).map(key).collect();
    let requests: Vec<_> =
        keys.iter().map(|key| json!({"do": "thumbprint", "public": public(key.public())})).collect();
    let expected: Vec<_> = keys.iter().map(|key| json!({"thumbprint": key.public().kid()})).collect();
    for (name, library) in libraries() {
        assert_eq!(library.ask(&requests).unwrap(), expected, "{name}");
    }
}

/// What the libraries make when they are told to, and the vault does not speak.
#[test]
fn the_vault_refuses_other_algorithms_and_compression() {
    let key = key(1);
    let refused = |library: &Oracle, more: Value, expected: &[Refusal]| {
        let header = header(&key, more);
        let answer = library.ask(&[seal(&key, &header, &[b'4'; 1000])]).unwrap().remove(0);
        let refusal = open(&key, &answer["jwe"]).err().map(JweError::refusal);
        assert!(refusal.is_some_and(|refusal| expected.contains(&refusal)), "{header}: {refusal:?}");
    };
    for (_, library) in libraries() {
        // With a wrapped key, or with an initialization vector of another length, it is not even of the layout.
        refused(&library, json!({"alg": "ECDH-ES+A256KW"}), &[Refusal::Malformed]);
        refused(&library, json!({"enc": "A256CBC-HS512"}), &[Refusal::Malformed]);
        refused(&library, json!({"enc": "A128GCM"}), &[Refusal::Unsupported]);
        refused(&library, json!({"kid": "another"}), &[Refusal::NotForThisKey]);
    }
    // jose no longer compresses.
    refused(&Oracle::python("jwe").unwrap(), json!({"zip": "DEF"}), &[Refusal::Unsupported]);
}

/// That they open proves something only if they would refuse.
#[test]
fn they_refuse_what_was_altered() {
    for (name, library) in libraries() {
        let pair = library.ask(&[json!({"do": "pair", "kid": "partner"})]).unwrap().remove(0);
        let recipient = PublicJwk::parse(pair["public"].to_string().as_bytes()).unwrap();
        let jwe = recipient.seal(&Secret::new([9; 32]), b"4111111111111111").unwrap();
        let mut requests = Vec::new();
        for (number, part) in jwe.split('.').enumerate().skip(2) {
            let other = if part.starts_with('A') { "B" } else { "A" };
            let mut parts: Vec<_> = jwe.split('.').map(str::to_owned).collect();
            parts[number].replace_range(..1, other);
            requests.push(json!({"do": "open", "private": pair["private"], "jwe": parts.join(".")}));
        }
        for answer in library.ask(&requests).unwrap() {
            assert!(answer["refused"].is_string(), "{name}");
        }
    }
}
