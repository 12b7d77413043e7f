//! From uniform bytes to a private key on P-256.

use p256::elliptic_curve::Curve;
use p256::elliptic_curve::bigint::{NonZero, U256, U384};
use p256::{NistP256, NonZeroScalar, SecretKey};
use zeroize::Zeroize;

/// How many bytes make a private key.
pub(super) const LENGTH: usize = 48;

/// FIPS 186-5, A.2.1: the bytes as a number modulo n − 1, plus 1. With 128 bits more than n has, no private key is more
/// likely than another by 2^-128; and unlike trying again until a number is small enough, it has no branch that no
/// test could ever reach.
pub(super) fn private_key(bytes: &[u8; LENGTH]) -> Box<SecretKey> {
    let mut wide = U384::from_be_slice(bytes);
    let mut number = wide.rem(&ORDER_LESS_ONE).wrapping_add(&U256::ONE);
    #[expect(clippy::expect_used, reason = "a remainder of n − 1, plus 1, is from 1 to n − 1")]
    let mut scalar = NonZeroScalar::from_uint(number).into_option().expect("from 1 to n − 1");
    let key = Box::new(SecretKey::from(scalar));
    wide.zeroize();
    number.zeroize();
    scalar.zeroize();
    key
}

const ORDER_LESS_ONE: NonZero<U256> =
    NonZero::<U256>::new_unwrap(NistP256::ORDER.as_ref().wrapping_sub(&U256::ONE));

/// A private key that somebody else chose, if these 32 bytes are one.
pub(super) fn given(bytes: &[u8; 32]) -> Option<Box<SecretKey>> {
    SecretKey::from_slice(bytes).ok().map(Box::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(number: U384) -> [u8; LENGTH] {
        number.to_be_bytes().into()
    }

    fn number(key: &SecretKey) -> U256 {
        U256::from_be_slice(&key.to_bytes())
    }

    /// Where the reduction turns over.
    #[test]
    fn every_number_gives_a_private_key() {
        let order: U256 = *NistP256::ORDER.as_ref();
        let wide = |number: &U256| number.resize::<6>();
        let less = |number: u8| order.wrapping_sub(&U256::from_u8(number));
        for (from, to) in [
            (U384::ZERO, U256::ONE),
            (U384::ONE, U256::from_u8(2)),
            (wide(&less(2)), less(1)),
            (wide(&less(1)), U256::ONE),
            (wide(&order), U256::from_u8(2)),
        ] {
            assert_eq!(number(&private_key(&bytes(from))), to);
        }
        assert!(number(&private_key(&[0xff; LENGTH])) < order);
    }
}
