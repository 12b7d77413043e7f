//! Whatever was made verifies, for its data and place only; whatever else is handed in does not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::mac_v1::{LENGTH, Mac, MacKey};
use strongroom_crypto::{Header, KeyMaterial};
use strongroom_domain::{KeyId, KeyVersion, Secret};

type Input<'a> = ([u8; 8], u32, usize, u8, &'a [u8], &'a [u8]);

fuzz_target!(|input: Input<'_>| {
    let (id, version, place, mask, aad, bytes) = input;
    let key = MacKey::derive(&KeyMaterial::from_secret(Secret::new(vec![7; 32])).expect("32 bytes"));
    assert!(!Mac::parse(bytes).is_ok_and(|mac| key.verify(&mac, aad, b"data")), "not made here");

    let Some(version) = KeyVersion::new(version) else { return };
    let header = Header { key_id: KeyId::from_bytes(id), key_version: version };
    let mut made = key.make(header, aad, bytes);
    assert_eq!(made.len(), LENGTH);
    let parsed = Mac::parse(&made).expect("what was made has the layout");
    assert_eq!(parsed.header(), header);
    assert!(key.verify(&parsed, aad, bytes));
    assert!(!key.verify(&parsed, &[aad, b"."].concat(), bytes));
    assert!(!key.verify(&parsed, aad, &[bytes, b"."].concat()));

    made[place % LENGTH] ^= mask;
    let verifies = Mac::parse(&made).is_ok_and(|mac| key.verify(&mac, aad, bytes));
    assert_eq!(verifies, mask == 0, "any change is noticed");
});
