//! Whatever is sealed opens, for its place only, and is sealed the same again; whatever else is handed in is refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::deterministic_v1::{
    DeterministicCiphertext, DeterministicError, DeterministicKey, OVERHEAD,
};
use strongroom_crypto::{Header, KeyMaterial};
use strongroom_domain::{KeyId, KeyVersion, Secret};

type Input<'a> = ([u8; 8], u32, usize, u8, &'a [u8], &'a [u8]);

fuzz_target!(|input: Input<'_>| {
    let (id, version, place, mask, aad, bytes) = input;
    let key = key();
    never_opens_what_it_did_not_seal(&key, bytes, aad);

    let Some(version) = KeyVersion::new(version) else { return };
    let header = Header { key_id: KeyId::from_bytes(id), key_version: version };
    let mut sealed = key.seal(header, aad, bytes);
    assert_eq!(sealed.len(), bytes.len() + OVERHEAD);
    assert_eq!(sealed, key.seal(header, aad, bytes), "equal stays equal");
    let parsed = DeterministicCiphertext::parse(&sealed).expect("what was sealed has the layout");
    assert_eq!(parsed.header(), header);
    assert!(key.open(&parsed, aad).is_ok_and(|opened| opened.ct_eq(bytes)), "opens to what was sealed");
    assert_eq!(key.open(&parsed, &[aad, b"."].concat()).err(), Some(DeterministicError::Integrity));

    let place = place % sealed.len();
    sealed[place] ^= mask;
    let reopened = DeterministicCiphertext::parse(&sealed).and_then(|parsed| key.open(&parsed, aad));
    assert_eq!(reopened.is_ok(), mask == 0, "any change is noticed");
});

fn never_opens_what_it_did_not_seal(key: &DeterministicKey, bytes: &[u8], aad: &[u8]) {
    match DeterministicCiphertext::parse(bytes) {
        Ok(ciphertext) => assert_eq!(key.open(&ciphertext, aad).err(), Some(DeterministicError::Integrity)),
        Err(error) => assert_ne!(error, DeterministicError::Integrity, "parsing asks no key"),
    }
}

fn key() -> DeterministicKey {
    DeterministicKey::derive(&KeyMaterial::from_secret(Secret::new(vec![7; 32])).expect("32 bytes"))
}
