//! Two values have one fingerprint exactly if all that counts is equal, and parts cannot be moved into each other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::KeyMaterial;
use strongroom_crypto::fingerprint_v1::{Fingerprint, FingerprintKey, RequestDigestKey};
use strongroom_domain::{Secret, TenantId};

type Facts<'a> = (&'a str, &'a str, &'a [u8]);

fuzz_target!(|input: (Facts<'_>, Facts<'_>, Vec<Vec<u8>>, Vec<Vec<u8>>)| {
    let (one, other, parts, other_parts) = input;
    let material = KeyMaterial::from_secret(Secret::new(vec![7; 32])).expect("32 bytes");
    let tenant = TenantId::parse("acme").expect("a tenant");

    let key = FingerprintKey::derive(&material);
    let fingerprint = |(scope, class, value): Facts<'_>| key.fingerprint(&tenant, scope, class, value);
    let (left, right) = (fingerprint(one), fingerprint(other));
    assert_eq!(left == right, one == other);
    assert_eq!(left.cmp(&right).is_eq(), one == other);
    assert_eq!(Fingerprint::from_bytes(*left.as_bytes()), left);
    let text = left.to_string();
    assert!(
        text.len() == 35
            && text.starts_with("fp_")
            && text.bytes().skip(3).all(|byte| byte.is_ascii_alphanumeric())
    );

    let key = RequestDigestKey::derive(&material);
    let digest = |parts: &[Vec<u8>]| key.digest(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
    assert_eq!(digest(&parts) == digest(&other_parts), parts == other_parts);
});
