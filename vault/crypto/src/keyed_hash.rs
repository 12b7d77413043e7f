//! HMAC-SHA256 (RFC 2104, FIPS 198-1) over parts that cannot be read two ways.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use strongroom_domain::Secret;
use zeroize::Zeroizing;

use crate::injective::length;

/// A key of HMAC-SHA256 and the label of the format that uses it. The state after the key and the label is computed
/// once and cloned for each message, which saves three of the hash's five or six compressions. It is boxed, so that
/// moving this moves a pointer, and it wipes itself, as every clone of it does.
pub(crate) struct KeyedHash(Box<Hmac<Sha256>>);

impl KeyedHash {
    pub(crate) fn new(key: &Secret<[u8; 32]>, label: &str) -> Self {
        // HMAC pads a short key with zeros to one block of the hash; padding it here makes the call infallible.
        let mut block = Zeroizing::new([0_u8; 64]);
        #[expect(
            clippy::disallowed_methods,
            reason = "goes into the keyed state only; the padded copy wipes itself"
        )]
        for (to, from) in block.iter_mut().zip(key.expose()) {
            *to = *from;
        }
        let mut state = Box::new(Hmac::<Sha256>::new((&*block).into()));
        absorb(&mut state, label.as_bytes());
        Self(state)
    }

    /// The authentication code of the parts: the bytes hashed are those of [`crate::Injective`] with the same label and
    /// parts, but they are fed piece by piece, so a secret part is never copied.
    pub(crate) fn code<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        self.after(parts).finalize().into_bytes().into()
    }

    /// Whether the code is right, in constant time.
    pub(crate) fn verify<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>, code: &[u8; 32]) -> bool {
        self.after(parts).verify(code.into()).is_ok()
    }

    fn after<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Hmac<Sha256> {
        let mut state = (*self.0).clone();
        for part in parts {
            absorb(&mut state, part);
        }
        state
    }
}

fn absorb(state: &mut Hmac<Sha256>, part: &[u8]) {
    state.update(&length(part.len()));
    state.update(part);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Injective;

    proptest! {
        #[test]
        fn hashes_what_the_injective_encoding_gives(key: [u8; 32], parts: Vec<Vec<u8>>) {
            let encoded = parts.iter().fold(Injective::new("label"), |bytes, part| bytes.part(part)).finish();
            let expected: [u8; 32] = Hmac::<Sha256>::new_from_slice(&key).unwrap()
                .chain_update(encoded).finalize().into_bytes().into();
            let hash = KeyedHash::new(&Secret::new(key), "label");
            let slices = || parts.iter().map(Vec::as_slice);
            prop_assert_eq!(hash.code(slices()), expected);
            prop_assert!(hash.verify(slices(), &expected));
            let mut wrong = expected;
            wrong[usize::from(key[0] % 32)] ^= 1 << (key[1] % 8);
            prop_assert!(!hash.verify(slices(), &wrong));
        }
    }
}
