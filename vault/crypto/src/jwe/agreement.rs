//! ECDH-ES (RFC 7518, section 4.6): from a private key and another's public key to the key of one message.

use std::convert::Infallible;

use p256::{PublicKey, SecretKey};
use sha2::{Digest as _, Sha256};
use strongroom_domain::Secret;
use zeroize::{Zeroize, Zeroizing};

use super::CONTENT_ENCRYPTION;
use crate::injective::length;

/// The key that the content is encrypted under. The shared point's coordinate wipes itself.
pub(super) fn content_key(
    private: &SecretKey,
    public: &PublicKey,
    party_u: &[u8],
    party_v: &[u8],
) -> Secret<[u8; 32]> {
    let shared = private.diffie_hellman(public);
    concat_kdf(shared.raw_secret_bytes(), CONTENT_ENCRYPTION, party_u, party_v)
}

/// The Concat KDF of NIST SP 800-56A (5.8.1) with SHA-256, as RFC 7518 (4.6.2) uses it. It makes no key here that is
/// longer than one hash, so it is one hash: of the counter 1, the shared secret, the name of the algorithm that the key
/// is for, both parties, and the key's length in bits.
pub(crate) fn concat_kdf<const LENGTH: usize>(
    shared: &[u8],
    algorithm: &str,
    party_u: &[u8],
    party_v: &[u8],
) -> Secret<[u8; LENGTH]>
where
    [u8; LENGTH]: Zeroize,
{
    const { assert!(LENGTH <= 32, "one hash makes 32 bytes at most") };
    let mut hash = Sha256::new_with_prefix(1_u32.to_be_bytes());
    hash.update(shared);
    for part in [algorithm.as_bytes(), party_u, party_v] {
        hash.update(length(part.len()));
        hash.update(part);
    }
    hash.update(length(LENGTH * 8));
    let Ok(key) = Secret::build([0; LENGTH], |key| {
        let mut output = Zeroizing::new([0_u8; 32]);
        hash.finalize_into((&mut *output).into());
        for (to, from) in key.iter_mut().zip(output.iter()) {
            *to = *from;
        }
        Ok::<(), Infallible>(())
    });
    key
}
