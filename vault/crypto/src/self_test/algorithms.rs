//! The algorithms, against the vectors of their standards.

use aes::cipher::BlockCipherEncrypt;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};

use super::KnownAnswer;
use crate::{derivation, jwe};

pub(super) const KNOWN_ANSWERS: &[KnownAnswer] = &[
    // FIPS 197, appendix C.3.
    KnownAnswer { algorithm: "AES-256", answer: "8ea2b7ca516745bfeafc49904b496089", holds: aes_256 },
    // The specification of GCM (McGrew, Viega), test case 16: ciphertext and tag.
    KnownAnswer {
        algorithm: "AES-256-GCM",
        answer: concat!(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ),
        holds: aes_256_gcm,
    },
    // FIPS 180-4's example "abc".
    KnownAnswer {
        algorithm: "SHA-256",
        answer: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        holds: |answer| HEXLOWER.encode(&Sha256::digest(b"abc")) == answer,
    },
    // RFC 4231, test case 2.
    KnownAnswer {
        algorithm: "HMAC-SHA256",
        answer: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        holds: hmac_sha256,
    },
    // RFC 5869, test case 1.
    KnownAnswer {
        algorithm: "HKDF-SHA256",
        answer: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        holds: hkdf_sha256,
    },
    // RFC 6979, appendix A.2.5, message "sample" with SHA-256: r and s.
    KnownAnswer {
        algorithm: "ECDSA-P256-SHA256",
        answer: concat!(
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ),
        holds: |answer| ecdsa_p256_verifies(answer).unwrap_or(false),
    },
    // RFC 7518, appendix C: Alice's key from the shared secret.
    KnownAnswer {
        algorithm: "Concat-KDF-SHA256",
        answer: "56aa8deaf8236d205c2228cd71a7101a",
        holds: |answer| concat_kdf(answer).unwrap_or(false),
    },
    // The same appendix, with the keys of Alice and Bob.
    KnownAnswer {
        algorithm: "ECDH-P256",
        answer: "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4",
        holds: |answer| ecdh_p256(answer).unwrap_or(false),
    },
];

fn aes_256(answer: &str) -> bool {
    let key: [u8; 32] = std::array::from_fn(|place| u8::try_from(place).unwrap_or_default());
    let mut block =
        [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]
            .into();
    aes::Aes256::new(&key.into()).encrypt_block(&mut block);
    HEXLOWER.encode(&block) == answer
}

/// Both ways; and the way back must refuse a tag with one bit changed.
fn aes_256_gcm(answer: &str) -> bool {
    try_aes_256_gcm(answer).unwrap_or(false)
}

fn try_aes_256_gcm(answer: &str) -> Option<bool> {
    let key: [u8; 32] =
        bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")?.try_into().ok()?;
    let nonce: [u8; 12] = bytes("cafebabefacedbaddecaf888")?.try_into().ok()?;
    let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")?;
    let plaintext = bytes(concat!(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    ))?;
    let (cipher, nonce) = (Aes256Gcm::new(&key.into()), nonce.into());

    let mut buffer = plaintext.clone();
    let mut tag = cipher.encrypt_inout_detached(&nonce, &aad, buffer.as_mut_slice().into()).ok()?;
    let sealed = HEXLOWER.encode(&buffer) + &HEXLOWER.encode(&tag);
    let mut opened = buffer.clone();
    cipher.decrypt_inout_detached(&nonce, &aad, opened.as_mut_slice().into(), &tag).ok()?;
    *tag.first_mut()? ^= 1;
    let refused = cipher.decrypt_inout_detached(&nonce, &aad, buffer.as_mut_slice().into(), &tag).is_err();
    Some(sealed == answer && opened == plaintext && refused)
}

fn hmac_sha256(answer: &str) -> bool {
    <Hmac<Sha256> as KeyInit>::new_from_slice(b"Jefe").is_ok_and(|state| {
        let code = state.chain_update(b"what do ya want for nothing?").finalize().into_bytes();
        HEXLOWER.encode(&code) == answer
    })
}

fn hkdf_sha256(answer: &str) -> bool {
    let salt = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let info = [0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9];
    let mut output = [0; 42];
    derivation::expand(&derivation::extract(&salt, &[0x0b; 22]), &[&info], &mut output);
    HEXLOWER.encode(&output) == answer
}

/// The right signature passes for its message and for no other.
fn ecdsa_p256_verifies(answer: &str) -> Option<bool> {
    let key = VerifyingKey::from_sec1_bytes(&bytes(concat!(
        "04",
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    ))?)
    .ok()?;
    let signature = Signature::from_slice(&bytes(answer)?).ok()?;
    Some(key.verify(b"sample", &signature).is_ok() && key.verify(b"simple", &signature).is_err())
}

fn concat_kdf(answer: &str) -> Option<bool> {
    let shared = bytes("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4")?;
    Some(jwe::concat_kdf::<16>(&shared, "A128GCM", b"Alice", b"Bob").ct_eq(&bytes(answer)?))
}

fn ecdh_p256(answer: &str) -> Option<bool> {
    let alice =
        SecretKey::from_slice(&bytes("d3f3716913d4310a0026de741b3f18893afc8114f0c84682ba677e313a13988a")?)
            .ok()?;
    let bob = PublicKey::from_sec1_bytes(&bytes(concat!(
        "04",
        "c1e349cb61ec70248ce801034c3834e1b88ebe1161cb25af38741f785fcfc4c4",
        "7bc96708ef80952b53f8d2555fe72b841ed04588628b1d378a594939500ec9c9",
    ))?)
    .ok()?;
    Some(HEXLOWER.encode(alice.diffie_hellman(&bob).raw_secret_bytes()) == answer)
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(hexadecimal.as_bytes()).ok()
}
