//! The formats, end to end, each against one of its own vectors.

use data_encoding::HEXLOWER;
use strongroom_domain::{
    KeptDigits, KeyId, KeyPurpose, KeyVersion, LuhnRule, LuhnStyle, Pan, Secret, TenantId, Token, ValueFormat,
};

use super::KnownAnswer;
use crate::audit_v1::{CompactRange, leaf_hash};
use crate::deterministic_v1::{DeterministicCiphertext, DeterministicKey};
use crate::envelope_v1::{Envelope, EnvelopeKey};
use crate::ff1::Ff1Key;
use crate::fingerprint_v1::{FingerprintKey, RequestDigestKey};
use crate::jwe::{Jwe, RecipientKey};
use crate::mac_v1::{Mac, MacKey};
use crate::pan_token_v1::Shape;
use crate::registry_mac_v1::{RegistryDigest, RegistryMacKey, Row};
use crate::sign_v1::SigningKey;
use crate::wrapped_key_v1::WrapContext;
use crate::{Header, KeyMaterial, fields_v1, token_v1};

pub(super) const KNOWN_ANSWERS: &[KnownAnswer] = &[
    // The eight leaves and the root that implementations of RFC 6962 test themselves with.
    KnownAnswer {
        algorithm: "audit_v1",
        answer: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        holds: |answer| HEXLOWER.encode(&merkle_root()) == answer,
    },
    KnownAnswer {
        algorithm: "deterministic_v1",
        answer: "0200010203040506ff00000001b09490ed0b4ed1ead9dda04a82d7b3b261a687f9c693f9d2e0f19ee13726f2f36d54731b90",
        holds: |answer| deterministic(answer).unwrap_or(false),
    },
    KnownAnswer {
        algorithm: "envelope_v1",
        answer: concat!(
            "0100010203040506ff00000001101112131415161718191a1b1c1d1e1f",
            "08de04ebc67a153a58d976bf9aa0ba57fb796444b0765d03090c878b59113aaa",
            "873db1d680ec5b6113f4f59ed7815ef76813160a443ce38493c723f0335a89d7",
        ),
        holds: |answer| envelope(answer).unwrap_or(false),
    },
    KnownAnswer {
        algorithm: "ff1",
        answer: "4111117342011111",
        holds: |answer| ff1(answer).unwrap_or(false),
    },
    KnownAnswer {
        algorithm: "fields_v1",
        answer: "01000100066e756d6265720000001034313131313131313131313131313131",
        holds: |answer| fields(answer).unwrap_or(false),
    },
    KnownAnswer {
        algorithm: "fingerprint_v1",
        answer: "3d249f179ca3a16317de0df3293a12f6eea272f9c52104baec4391279f7d7b63",
        holds: |answer| fingerprint().is_some_and(|fingerprint| HEXLOWER.encode(&fingerprint) == answer),
    },
    KnownAnswer {
        algorithm: "fingerprint_v1 (request)",
        answer: "6f816d2a34c5f9fddf3ba3e7a7d507e28ccf9597f1a032c1c4a9e490b2073c2c",
        holds: |answer| request_digest().is_some_and(|digest| HEXLOWER.encode(&digest) == answer),
    },
    KnownAnswer {
        algorithm: "jwe",
        answer: concat!(
            "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6IjYycEFwSnotaTg0dlJITlRuOERJV3ZOZmsyeF",
            "VhRW1fdVppNmJxeDdlTjgiLCJlcGsiOnsia3R5IjoiRUMiLCJjcnYiOiJQLTI1NiIsIngiOiJ5N2RpbEVYZFRCWXRt",
            "UUxtZmRlak1BR0lsaHRzMHFLNENma0h4bW5kWk9JIiwieSI6IkFsSmc3NVFyTExQN1hpZG1HTW43SGRkckRpcXBSc0",
            "hxZVc5ZzJVdUtBb1UifX0..Wl3ZRflggDFkzzl5.Sa6Piu8zZGiR0VxZICi4QQ.YmTUzQhhLcgnjBdc7YGQPw",
        ),
        holds: |answer| jwe(answer).unwrap_or(false),
    },
    KnownAnswer {
        algorithm: "mac_v1",
        answer: "0300010203040506ff00000001a807c2c83ed7cb609eb5a5a3a5b1e7ee9622a22deded3738fe1dc102bc6a8121",
        holds: |answer| mac(answer).unwrap_or(false),
    },
    KnownAnswer {
        algorithm: "sign_v1",
        answer: concat!(
            "e20059f85ac1d6a6a83b98cf21f02a0094e9ba195322fa3868f0b9615b6a1d56",
            "f1430d1a9dd6ebacac36c1539f1eb0e2860ef4e90189a73ca3d3ec629a7d6051",
        ),
        holds: |answer| signature(answer).unwrap_or(false),
    },
    KnownAnswer {
        algorithm: "token_v1",
        answer: "tok_000g40r40m30e209185gr38e1wknty7d",
        holds: opaque_token,
    },
    KnownAnswer {
        algorithm: "pan_token_v1 (invalid)",
        answer: "4111113333331111",
        holds: |answer| card_token(KeptDigits::SixFour, LuhnStyle::Invalid, 300_000, answer),
    },
    KnownAnswer {
        algorithm: "pan_token_v1 (private-prefix)",
        answer: "9333333333301111",
        holds: |answer| card_token(KeptDigits::ZeroFour, LuhnStyle::PrivatePrefix, 3_333_333_333, answer),
    },
    KnownAnswer {
        algorithm: "wrapped_key_v1",
        answer: concat!(
            "000000197374726f6e67726f6f6d2f777261707065645f6b65795f7631",
            "0000001000000000000000000000000000000000",
            "0000000461636d65",
            "0000000800010203040506ff",
            "0000000400000001",
            "000000106669656c642d656e6372797074696f6e",
            "0000000b6165732d3235362d67636d",
            "00000010404142434445464748494a4b4c4d4e4f",
        ),
        holds: |answer| wrap_context().is_some_and(|aad| HEXLOWER.encode(&aad) == answer),
    },
    KnownAnswer {
        algorithm: "registry_mac_v1",
        answer: "9c3b97faa1d6e0b4014acaf287423ac51e42759ed8e09efee5cc74fb7ba9c276",
        holds: |answer| registry_head().is_some_and(|code| HEXLOWER.encode(&code) == answer),
    },
];

fn merkle_root() -> [u8; 32] {
    let leaves: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let mut tree = CompactRange::new();
    for leaf in leaves {
        tree.append(leaf_hash(leaf));
    }
    tree.root()
}

fn fields(answer: &str) -> Option<bool> {
    let fields: [(&str, &[u8]); 1] = [("number", b"4111111111111111")];
    let answer = HEXLOWER.decode(answer.as_bytes()).ok()?;
    let written = fields_v1::encode(&fields).ok()?;
    Some(written.ct_eq(&answer) && fields_v1::decode(&answer).ok()? == fields)
}

fn envelope(answer: &str) -> Option<bool> {
    let key = EnvelopeKey::derive(&material()?);
    let header = Header { key_id: key_id(), key_version: KeyVersion::FIRST };
    let (aad, plaintext) = (b"tenant acme, card", b"4111111111111111");
    let sealed = key.seal(header, counting(16), aad, plaintext).ok()?;
    let opened = key.open(&Envelope::parse(&sealed).ok()?, aad).ok()?;
    let elsewhere = key.open(&Envelope::parse(&sealed).ok()?, b"tenant zebra, card");
    Some(HEXLOWER.encode(&sealed) == answer && opened.ct_eq(plaintext) && elsewhere.is_err())
}

fn deterministic(answer: &str) -> Option<bool> {
    let key = DeterministicKey::derive(&material()?);
    let header = Header { key_id: key_id(), key_version: KeyVersion::FIRST };
    let (aad, plaintext) = (b"tenant acme, email", b"a.n.other@example.com");
    let sealed = key.seal(header, aad, plaintext);
    let opened = key.open(&DeterministicCiphertext::parse(&sealed).ok()?, aad).ok()?;
    let elsewhere = key.open(&DeterministicCiphertext::parse(&sealed).ok()?, b"tenant zebra, email");
    Some(HEXLOWER.encode(&sealed) == answer && opened.ct_eq(plaintext) && elsewhere.is_err())
}

fn ff1(answer: &str) -> Option<bool> {
    let key = Ff1Key::derive(&material()?);
    let format = ValueFormat::parse("16 16 6 4 0123456789")?;
    let (place, value) = (b"tenant acme, account", b"4111111234561111");
    let encrypted = key.encrypt(&format, place, value).ok()?;
    let opened = key.decrypt(&format, place, answer.as_bytes()).ok()?;
    Some(encrypted.ct_eq(answer.as_bytes()) && opened.ct_eq(value))
}

fn signature(answer: &str) -> Option<bool> {
    let key = SigningKey::derive(&material()?);
    let signature = key.sign(b"dear reader");
    let public = key.public_key();
    let forged = public.verify(b"dear writer", &signature);
    Some(HEXLOWER.encode(&signature) == answer && public.verify(b"dear reader", &signature) && !forged)
}

fn fingerprint() -> Option<[u8; 32]> {
    let tenant = TenantId::parse("acme").ok()?;
    Some(
        *FingerprintKey::derive(&material()?).fingerprint(&tenant, "", "pan", b"4111111111111111").as_bytes(),
    )
}

fn request_digest() -> Option<[u8; 32]> {
    let parts: [&[u8]; 3] = [b"POST", b"/v1/tokens", br#"{"value":"4111111111111111"}"#];
    Some(RequestDigestKey::derive(&material()?).digest(&parts))
}

fn mac(answer: &str) -> Option<bool> {
    let key = MacKey::derive(&material()?);
    let header = Header { key_id: key_id(), key_version: KeyVersion::FIRST };
    let (aad, data) = (b"tenant acme, order", b"order 42: 19.99 EUR");
    let made = key.make(header, aad, data);
    let parsed = Mac::parse(&made).ok()?;
    let forged = key.verify(&parsed, aad, b"order 42: 10.99 EUR");
    Some(HEXLOWER.encode(&made) == answer && key.verify(&parsed, aad, data) && !forged)
}

fn jwe(answer: &str) -> Option<bool> {
    let key = RecipientKey::derive(&material()?);
    let plaintext = b"4111111111111111";
    let sealed = key.public().seal(&Secret::new(counting(32)), plaintext).ok()?;
    let parsed = Jwe::parse(&sealed).ok()?;
    Some(sealed == answer && parsed.kid() == key.public().kid() && key.open(&parsed).ok()?.ct_eq(plaintext))
}

fn opaque_token(answer: &str) -> bool {
    token_v1::from_random(counting(0)).as_str() == answer
        && Token::parse(answer).is_ok_and(|token| token_v1::checksum_is_right(&token))
}

fn card_token(keep: KeptDigits, luhn: LuhnStyle, index: u64, answer: &str) -> bool {
    Pan::parse("4111111111111111", LuhnRule::Required)
        .ok()
        .and_then(|pan| Shape { keep, luhn }.token(&pan, index))
        .is_some_and(|token| token.as_str() == answer)
}

fn wrap_context() -> Option<Vec<u8>> {
    let context = WrapContext {
        cluster: &[0; 16],
        tenant: &TenantId::parse("acme").ok()?,
        key_id: key_id(),
        version: KeyVersion::FIRST,
        purpose: KeyPurpose::FieldEncryption,
        algorithm: "aes-256-gcm",
        kek_id: &counting(0x40),
    };
    Some(context.aad())
}

/// A row's code, its place in the digest, and the head over both.
fn registry_head() -> Option<[u8; 32]> {
    let root = Secret::new(counting::<32>(32).to_vec());
    let key = RegistryMacKey::from_root(root, &counting(0))?;
    let row = Row::new("key_versions")
        .text("tenant", "acme")
        .bytes("id", key_id().as_bytes())
        .integer("version", 1)
        .text("state", "active")
        .optional_integer("destroyed_at", None)
        .integer("counter", 7);
    let mac = key.mac(&row);
    let mut digest = RegistryDigest::new();
    digest.insert(&mac);
    key.verify(&row, &mac).then(|| *key.head_mac(1, 1, &digest).as_bytes())
}

fn material() -> Option<KeyMaterial> {
    KeyMaterial::from_secret(Secret::new(counting::<32>(0).to_vec()))
}

fn key_id() -> KeyId {
    KeyId::from_bytes([0, 1, 2, 3, 4, 5, 6, 255])
}

/// `first`, `first` + 1, and so on.
fn counting<const LENGTH: usize>(first: u8) -> [u8; LENGTH] {
    let mut next = first;
    std::array::from_fn(|_| {
        let this = next;
        next = next.wrapping_add(1);
        this
    })
}
