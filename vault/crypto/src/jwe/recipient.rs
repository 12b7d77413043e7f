//! The private key, and opening with it.

use aes_gcm::{AeadInOut, KeyInit};
use p256::SecretKey;
use strongroom_domain::Secret;
use zeroize::Zeroize;

use super::{Cipher, Jwe, JweError, PublicJwk, Refusal, agreement, scalar};
use crate::{KeyMaterial, derivation};

/// A private key that JWEs are opened with, derived from the material of one key version. It wipes itself.
pub struct RecipientKey {
    pub(super) private: Box<SecretKey>,
    pub(super) public: PublicJwk,
}

impl RecipientKey {
    /// Derives it: the same material gives the same pair, so nothing need be kept of it but the material.
    pub fn derive(material: &KeyMaterial) -> Self {
        let bytes = derivation::derive::<{ scalar::LENGTH }>(material, LABEL);
        #[expect(clippy::disallowed_methods, reason = "becomes the private key, which wipes itself")]
        let private = scalar::private_key(bytes.expose());
        let public = PublicJwk::named_by_thumbprint(private.public_key());
        Self { private, public }
    }

    /// Makes a pair from fresh entropy, for a caller's own software.
    pub fn generate(entropy: &Secret<[u8; 48]>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "becomes the private key, which wipes itself")]
        let private = scalar::private_key(entropy.expose());
        let public = PublicJwk::named_by_thumbprint(private.public_key());
        Self { private, public }
    }

    /// The public half, to be given to whoever encrypts. Its `kid` is its thumbprint.
    pub const fn public(&self) -> &PublicJwk {
        &self.public
    }

    /// The same private key under another name, as a caller's would be.
    #[cfg(test)]
    pub(super) fn named(self, public: PublicJwk) -> Self {
        Self { public, ..self }
    }

    /// Opens into the secret's own buffer: the name first, then the tag, then decryption.
    pub fn open(&self, jwe: &Jwe<'_>) -> Result<Secret<Vec<u8>>, JweError> {
        if jwe.kid() != self.public.kid() {
            return Err(Refusal::NotForThisKey.into());
        }
        let header = &jwe.header;
        let key = agreement::content_key(&self.private, &header.ephemeral, &header.party_u, &header.party_v);
        #[expect(clippy::disallowed_methods, reason = "goes into the cipher's own state, which wipes itself")]
        let cipher = Cipher::new(key.expose().into());
        Secret::build(Vec::with_capacity(jwe.ciphertext.len()), |content| {
            content.extend_from_slice(&jwe.ciphertext);
            let opened = cipher.decrypt_inout_detached(
                &jwe.iv.into(),
                jwe.protected.as_bytes(),
                content.as_mut_slice().into(),
                &jwe.tag.into(),
            );
            opened.map_err(|_| {
                content.zeroize();
                Refusal::Integrity.into()
            })
        })
    }
}

const LABEL: &str = "strongroom/jwe/recipient";
