//! What one item of a batch costs by stage, in nanoseconds on one core: from the body's bytes to the answer's, without
//! network, authorization and record. Run it before and after a change of those stages; it asserts nothing.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use strongroom_api::crypto::{
    DecryptItem, DecryptedField, DecryptedItem, EncryptItem, EncryptedField, EncryptedItem,
};
use strongroom_api::{Batch, Binary, OneOrMany, SecretBytes, parse_request, to_wiped_json};
use strongroom_crypto::Header;
use strongroom_crypto::envelope_v1::{Envelope, EnvelopeKey};
use strongroom_crypto::{Injective, KeyMaterial};
use strongroom_domain::{Context, KeyId, KeyVersion, Secret};
use zeroizing_alloc::ZeroAlloc;

/// The vault wipes what it frees; so do these stages.
#[global_allocator]
static WIPING: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

const ITEMS: usize = 100;
const PLAINTEXT: [u8; 64] = [7; 64];

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let context = json!({"record": "42", "field": "note"});
    let key = envelope_key()?;
    let header = Header {
        key_id: KeyId::from_bytes([1; 8]),
        key_version: KeyVersion::new(1).ok_or("versions begin with 1")?,
    };
    let place = place(&pairs()?);
    let sealed = key.seal(header, [3; 16], &place, &PLAINTEXT)?;

    let plain_item = json!({"plaintext": STANDARD.encode(PLAINTEXT), "context": context});
    let plain_body = json!({"items": vec![plain_item; ITEMS]}).to_string();
    let sealed_item = json!({"ciphertext": STANDARD.encode(&sealed), "context": context});
    let sealed_body = json!({"items": vec![sealed_item; ITEMS]}).to_string();

    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from([7; 32]));
    let mut block = PLAINTEXT;
    stage("floor: AES-256-GCM, 64 B, key ready", 1, || {
        let sealed = cipher.encrypt_inout_detached(&Nonce::from([5; 12]), &[0; 32], (&mut block[..]).into());
        black_box(sealed.is_ok())
    });
    let mut state = [0_u32; 8];
    stage("floor: 14 compressions of SHA-256", 1, || {
        for _ in 0..14 {
            sha2::block_api::compress256(&mut state, black_box(&[[1; 64]]));
        }
    });
    stage("floor: AES-256-GCM key schedule", 1, || {
        black_box(Aes256Gcm::new(black_box(&Key::<Aes256Gcm>::from([7; 32]))));
    });
    stage("read: an encrypt body", ITEMS, || {
        parse_request::<OneOrMany<EncryptItem>>(plain_body.as_bytes()).is_ok()
    });
    stage("  of that: JSON syntax alone", ITEMS, || {
        serde_json::from_slice::<serde::de::IgnoredAny>(plain_body.as_bytes()).is_ok()
    });
    stage("read: a decrypt body", ITEMS, || {
        parse_request::<OneOrMany<DecryptItem>>(sealed_body.as_bytes()).is_ok()
    });
    let encoded = STANDARD.encode(PLAINTEXT);
    let mut room = [0; 128];
    stage("  of that: base64 to 64 B", 1, || STANDARD.decode_slice(black_box(&encoded), &mut room).is_ok());
    let mut salt = [0_u8; 16];
    stage("seal: a salt by itself", 1, || getrandom::fill(&mut salt).is_ok());
    let mut salts = [0_u8; 16 * ITEMS];
    stage("seal: a salt of a batch's", ITEMS, || getrandom::fill(&mut salts).is_ok());
    let pairs = pairs()?;
    stage("seal: the place", 1, || black_box(self::place(&pairs)).len());
    stage("seal: envelope_v1", 1, || key.seal(header, black_box([3; 16]), &place, &PLAINTEXT).is_ok());
    stage("open: envelope_v1", 1, || {
        Envelope::parse(black_box(&sealed)).is_ok_and(|envelope| key.open(&envelope, &place).is_ok())
    });
    let encrypted =
        || EncryptedItem::done(EncryptedField { ciphertext: Binary(sealed.clone()), key_version: 1 });
    let answer = Batch { items: (0..ITEMS).map(|_| encrypted()).collect() };
    stage("write: an encrypt answer", ITEMS, || to_wiped_json(&answer).is_ok());
    let decrypted = || {
        DecryptedItem::done(DecryptedField {
            plaintext: SecretBytes::new(PLAINTEXT.to_vec()),
            key_version: 1,
        })
    };
    let answer = Batch { items: (0..ITEMS).map(|_| decrypted()).collect() };
    stage("write: a decrypt answer", ITEMS, || to_wiped_json(&answer).is_ok());
    let mut text = [0_u8; 256];
    stage("  of that: base64 from 141 B", 1, || STANDARD.encode_slice(black_box(&sealed), &mut text).is_ok());
    Ok(())
}

/// Runs a stage for a while and prints what an item costs: the least of many rounds, each so short that most of them no
/// neighbour on the machine interrupts.
fn stage<T>(name: &str, items: usize, mut run: impl FnMut() -> T) {
    let calls = (100 / items).max(1);
    let mut least = f64::MAX;
    for _ in 0..5_000 {
        let began = Instant::now();
        for _ in 0..calls {
            black_box(run());
        }
        least = least.min(began.elapsed().as_secs_f64() * 1e9 / (calls * items) as f64);
    }
    #[expect(clippy::print_stdout, reason = "the table is what this command is for")]
    {
        println!("{name:<40} {least:>8.0} ns");
    }
}

fn envelope_key() -> Outcome<EnvelopeKey> {
    let material = KeyMaterial::from_secret(Secret::new(vec![9; KeyMaterial::LENGTH])).ok_or("32 bytes")?;
    Ok(EnvelopeKey::derive(&material))
}

fn pairs() -> Outcome<Context> {
    let pairs = [("record", "42"), ("field", "note")];
    let pairs: BTreeMap<_, _> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(Context::new(pairs)?)
}

/// As the vault binds a field to its place.
fn place(context: &Context) -> Vec<u8> {
    Injective::new("strongroom/field/v1")
        .part(b"acme")
        .part(b"field-encryption")
        .pairs(context.pairs())
        .finish()
}
