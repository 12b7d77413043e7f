//! From a key version's material to the key of one use: HKDF-SHA256 (RFC 5869, NIST SP 800-56C two-step) with a label
//! a use, so that no two formats ever share a key and none of them lets the material itself near a message.

use hkdf::Hkdf;
use sha2::Sha256;
use strongroom_domain::Secret;
use zeroize::Zeroize;

use crate::KeyMaterial;

/// The salt of every extraction. Public and fixed: it separates this vault's derivations from anyone else's use of the
/// same bytes; the material is uniformly random already, so a random salt would add nothing and would have to be kept.
const SALT: &[u8] = b"strongroom/v1/key-material";

/// The key of one use of the material. The label names the format.
pub(crate) fn derive<const LENGTH: usize>(material: &KeyMaterial, label: &str) -> Secret<[u8; LENGTH]>
where
    [u8; LENGTH]: Zeroize,
{
    #[expect(clippy::disallowed_methods, reason = "extracted at once; only the derived key leaves")]
    let extracted = extract(SALT, material.secret().expose());
    secret(&extracted, &[label.as_bytes()])
}

/// HKDF-Extract. The pseudorandom key that the library also returns is wiped, its keyed state is what is used.
pub(crate) fn extract(salt: &[u8], input: &[u8]) -> Hkdf<Sha256> {
    let (mut pseudorandom_key, extracted) = Hkdf::<Sha256>::extract(Some(salt), input);
    pseudorandom_key.as_mut_slice().zeroize();
    extracted
}

/// HKDF-Expand into a secret, which never exists outside its box.
pub(crate) fn secret<const LENGTH: usize>(extracted: &Hkdf<Sha256>, info: &[&[u8]]) -> Secret<[u8; LENGTH]>
where
    [u8; LENGTH]: Zeroize,
{
    let Ok(secret) = Secret::build([0; LENGTH], |target| {
        expand(extracted, info, target);
        Ok::<(), std::convert::Infallible>(())
    });
    secret
}

/// HKDF-Expand. The length is part of the type, so "too long" is an error of compilation and not of a call.
pub(crate) fn expand<const LENGTH: usize>(
    extracted: &Hkdf<Sha256>,
    info: &[&[u8]],
    output: &mut [u8; LENGTH],
) {
    const { assert!(LENGTH <= 255 * 32, "RFC 5869 expands to 255 blocks at most") };
    #[expect(
        clippy::expect_used,
        reason = "the only failure is a length above 255 blocks, refused when compiling"
    )]
    extracted.expand_multi_info(info, output).expect("at most 255 blocks");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn material(byte: u8) -> KeyMaterial {
        KeyMaterial::from_secret(Secret::new(vec![byte; 32])).unwrap()
    }

    #[test]
    fn each_use_and_each_material_has_a_key_of_its_own() {
        let first = derive::<32>(&material(1), "one");
        assert!(first.ct_eq(first_bytes(&derive(&material(1), "one")).as_slice()), "same inputs, same key");
        for other in [derive(&material(1), "two"), derive(&material(2), "one")] {
            assert!(!first.ct_eq(&first_bytes(&other)));
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a test compares two derived keys")]
    fn first_bytes(secret: &Secret<[u8; 32]>) -> Vec<u8> {
        secret.expose().to_vec()
    }
}
