use std::io::Write as _;
use std::process::{Command, Stdio};

use data_encoding::HEXLOWER;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::vectors::{self, Hex};

/// RFC 6979 A.2.5, P-256 with SHA-256: the private key, and the signatures of two messages.
const PRIVATE: &str = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const SIGNED: [(&str, &str); 2] = [
    (
        "sample",
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
         f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    ),
    (
        "test",
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367\
         019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    ),
];

fn key(byte: u8) -> SigningKey {
    SigningKey::derive(&Hex(vec![byte; 32]).material())
}

#[test]
fn signs_as_rfc_6979_does() {
    let private = HEXLOWER.decode(PRIVATE.as_bytes()).unwrap();
    let key = SigningKey(Box::new(PrivateKey::from_slice(&private).unwrap()));
    for (message, signature) in SIGNED {
        assert_eq!(HEXLOWER.encode(&key.sign(message.as_bytes())), signature);
    }
}

#[derive(Deserialize)]
struct Vectors {
    signed: Vec<Signed>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Signed {
    name: String,
    material: Hex,
    message: Hex,
    public_key: String,
    signature: Hex,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    material: Hex,
    message: Hex,
    signature: Hex,
}

#[test]
fn signs_as_the_vectors_say() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.signed.len() >= 4);
    for vector in vectors.signed {
        let key = SigningKey::derive(&vector.material.material());
        assert_eq!(key.sign(&vector.message.0).as_slice(), vector.signature.0, "{}", vector.name);
        assert_eq!(key.public_key().to_pem(), vector.public_key, "{}", vector.name);
        assert!(key.public_key().verify(&vector.message.0, &vector.signature.0), "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 10);
    for vector in vectors.refused {
        let public = SigningKey::derive(&vector.material.material()).public_key();
        assert!(!public.verify(&vector.message.0, &vector.signature.0), "{}", vector.defect);
    }
}

#[test]
fn each_material_has_a_key_of_its_own() {
    assert_eq!(key(1).public_key(), key(1).public_key());
    assert_ne!(key(1).public_key(), key(2).public_key());
}

#[test]
fn openssl_reads_the_public_key() {
    let mut openssl = Command::new("openssl")
        .args(["pkey", "-pubin", "-noout", "-text"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(key(1).public_key().to_pem().as_bytes()).unwrap();
    let output = openssl.wait_with_output().unwrap();
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("NIST CURVE: P-256"), "{shown}");
}

proptest! {
    #[test]
    fn a_signature_is_of_this_key_and_this_message(message: Vec<u8>, place in 0_usize..64, bit in 0_u32..8) {
        let mut signature = key(1).sign(&message);
        let public = PublicKey::from_point(key(1).public_key().0.to_sec1_point(false).as_bytes()).unwrap();
        prop_assert!(public.verify(&message, &signature));
        prop_assert!(!public.verify(&[message.as_slice(), b"."].concat(), &signature));
        prop_assert!(!key(2).public_key().verify(&message, &signature));
        prop_assert!(!public.verify(&message, &signature[..63]));
        signature[place] ^= 1 << bit;
        prop_assert!(!public.verify(&message, &signature));
    }
}
