//! Whatever is sealed opens, for its place only; whatever else is handed in is refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::{Header, KeyMaterial};
use strongroom_crypto::envelope_v1::{Envelope, EnvelopeError, EnvelopeKey, OVERHEAD};
use strongroom_domain::{KeyId, KeyVersion, Secret};

type Input<'a> = ([u8; 8], u32, [u8; 16], usize, u8, &'a [u8], &'a [u8]);

fuzz_target!(|input: Input<'_>| {
    let (id, version, salt, place, mask, aad, bytes) = input;
    let key = key();
    never_opens_what_it_did_not_seal(&key, bytes, aad);

    let Some(version) = KeyVersion::new(version) else { return };
    let header = Header { key_id: KeyId::from_bytes(id), key_version: version };
    let mut envelope = key.seal(header, salt, aad, bytes).expect("far below the limit");
    assert_eq!(envelope.len(), bytes.len() + OVERHEAD);
    let parsed = Envelope::parse(&envelope).expect("what was sealed has the layout");
    assert_eq!(parsed.header(), header);
    assert!(key.open(&parsed, aad).is_ok_and(|opened| opened.ct_eq(bytes)), "opens to what was sealed");
    assert_eq!(key.open(&parsed, &[aad, b"."].concat()).err(), Some(EnvelopeError::Integrity));

    let place = place % envelope.len();
    envelope[place] ^= mask;
    let reopened = Envelope::parse(&envelope).and_then(|parsed| key.open(&parsed, aad));
    assert_eq!(reopened.is_ok(), mask == 0, "any change is noticed");
});

fn never_opens_what_it_did_not_seal(key: &EnvelopeKey, bytes: &[u8], aad: &[u8]) {
    match Envelope::parse(bytes) {
        Ok(envelope) => assert_eq!(key.open(&envelope, aad).err(), Some(EnvelopeError::Integrity)),
        Err(error) => assert_ne!(error, EnvelopeError::Integrity, "parsing asks no key"),
    }
}

fn key() -> EnvelopeKey {
    EnvelopeKey::derive(&KeyMaterial::from_secret(Secret::new(vec![7; 32])).expect("32 bytes"))
}
