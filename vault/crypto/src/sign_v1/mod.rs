#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey as PrivateKey, VerifyingKey};

use crate::{KeyMaterial, derivation};

/// How long a signature is.
pub const LENGTH: usize = 64;

/// The private key of one key version. It wipes itself.
pub struct SigningKey(Box<PrivateKey>);

/// What verifies its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl SigningKey {
    /// Derives it.
    pub fn derive(material: &KeyMaterial) -> Self {
        let mut candidate = 0_u32;
        loop {
            let bytes = derivation::derive::<32>(material, &format!("{LABEL}/{candidate}"));
            #[expect(clippy::disallowed_methods, reason = "becomes the key, which wipes itself")]
            if let Ok(key) = PrivateKey::from_slice(bytes.expose()) {
                return Self(Box::new(key));
            }
            // One candidate in 2^32 is none.
            candidate = candidate.wrapping_add(1);
        }
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> [u8; LENGTH] {
        let signature: Signature = self.0.sign(message);
        signature.to_bytes().into()
    }

    /// What verifies its signatures.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }
}

impl PublicKey {
    /// From its point, SEC 1 uncompressed, which must be on the curve.
    pub fn from_point(point: &[u8]) -> Option<Self> {
        VerifyingKey::from_sec1_bytes(point).ok().map(Self)
    }

    /// Whether the signature is this key's over this message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }

    /// As SubjectPublicKeyInfo in PEM.
    pub fn to_pem(&self) -> String {
        let point = self.0.to_sec1_point(false);
        let encoded = STANDARD.encode([SPKI_PREFIX, point.as_bytes()].concat());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (index, character) in encoded.chars().enumerate() {
            if index > 0 && index.is_multiple_of(64) {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        pem
    }
}

const LABEL: &str = "strongroom/sign_v1";
/// SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING … }, up to the point.
const SPKI_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
