//! Authentication codes and signatures.

use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use strongroom_core::ports::{Hsm, HsmKeyKind};

use super::{each_with_a_changed_byte, key};

#[expect(clippy::disallowed_methods, reason = "codes of test messages")]
pub(super) async fn a_mac_depends_on_the_key_and_on_every_byte(hsm: &dyn Hsm) {
    let one = key(hsm, HsmKeyKind::RegistryMac).await;
    let other = key(hsm, HsmKeyKind::RegistryMac).await;
    let message: Vec<u8> = (0..40).collect();
    let code = hsm.mac(&one, &message).await.unwrap();
    assert!(code.expose().len() >= 16);
    assert!(hsm.mac(&one, &message).await.unwrap().ct_eq(code.expose()), "deterministic");
    assert!(!hsm.mac(&other, &message).await.unwrap().ct_eq(code.expose()), "of this key alone");
    for changed in each_with_a_changed_byte(&message) {
        assert!(!hsm.mac(&one, &changed).await.unwrap().ct_eq(code.expose()));
    }
    assert!(!hsm.mac(&one, &[]).await.unwrap().ct_eq(code.expose()));
    let long = hsm.mac(&one, &vec![7; 100_000]).await.unwrap();
    assert_eq!(long.expose().len(), code.expose().len());
}

pub(super) async fn a_signature_verifies_with_the_public_key(hsm: &dyn Hsm) {
    let one = key(hsm, HsmKeyKind::AuditSigning).await;
    let other = key(hsm, HsmKeyKind::AuditSigning).await;
    let point = hsm.public_key(&one).await.unwrap();
    assert_eq!((point.len(), point.first()), (65, Some(&0x04)));
    let public = VerifyingKey::from_sec1_bytes(&point).unwrap();
    let foreign = VerifyingKey::from_sec1_bytes(&hsm.public_key(&other).await.unwrap()).unwrap();
    for message in [&b""[..], b"checkpoint", &[7; 10_000]] {
        let signature = Signature::from_slice(&hsm.sign(&one, message).await.unwrap()).unwrap();
        assert!(public.verify(message, &signature).is_ok());
        assert!(public.verify(b"another message", &signature).is_err());
        assert!(foreign.verify(message, &signature).is_err());
    }
}
