//! What is decoded encodes to the same bytes, and no two places have the same authenticated data.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::wrapped_key_v1::{WrapContext, WrappedKey, WrappedKeyError};
use strongroom_domain::{KeyId, KeyPurpose, KeyVersion, TenantId};

type Place<'a> = ([u8; 16], [u8; 8], u32, bool, &'a str, [u8; 16]);

fuzz_target!(|input: (Place<'_>, Place<'_>, &[u8])| {
    let (one, other, bytes) = input;
    match WrappedKey::decode(bytes) {
        Ok(wrapped) => {
            assert_eq!(wrapped.encode(), bytes);
            assert_eq!(WrappedKey::decode(&bytes[..bytes.len() - 1]), Err(WrappedKeyError::Malformed));
            assert_eq!(WrappedKey::decode(&[bytes, b"\0"].concat()), Err(WrappedKeyError::Malformed));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let (Some(left), Some(right)) = (aad(&one), aad(&other)) {
        assert_eq!(left == right, one == other);
    }
});

fn aad(place: &Place<'_>) -> Option<Vec<u8>> {
    let (cluster, key_id, version, tokenization, algorithm, kek_id) = place;
    let purpose = if *tokenization { KeyPurpose::Tokenization } else { KeyPurpose::FieldEncryption };
    let context = WrapContext {
        cluster,
        tenant: &TenantId::parse("acme").ok()?,
        key_id: KeyId::from_bytes(*key_id),
        version: KeyVersion::new(*version)?,
        purpose,
        algorithm,
        kek_id,
    };
    Some(context.aad())
}
