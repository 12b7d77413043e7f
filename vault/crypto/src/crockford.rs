//! Crockford's base32 in lower case: no `i`, `l`, `o` or `u`, so a token read aloud or typed survives.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The digits of the bytes, five bits each, most significant first. Bits that fill no digit are left out.
pub(crate) fn digits(mut bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = char> {
    let (mut held, mut bits) = (0_u32, 0_u32);
    std::iter::from_fn(move || {
        if bits < 5 {
            held = (held << 8) | u32::from(bytes.next()?);
            bits += 8;
        }
        bits -= 5;
        ALPHABET.get(usize::try_from((held >> bits) % 32).ok()?).copied().map(char::from)
    })
}

/// Whether the byte is one of the digits.
pub(crate) fn is_digit(byte: u8) -> bool {
    ALPHABET.contains(&byte)
}

#[cfg(test)]
mod tests {
    use data_encoding::{Encoding, Specification};
    use proptest::prelude::*;

    use super::*;

    fn oracle() -> Encoding {
        let mut specification = Specification::new();
        specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
        specification.encoding().unwrap()
    }

    proptest! {
        #[test]
        fn digits_are_those_of_another_implementation(mut bytes: Vec<u8>) {
            bytes.truncate(bytes.len() / 5 * 5);
            prop_assert_eq!(digits(bytes.iter().copied()).collect::<String>(), oracle().encode(&bytes));
        }
    }
}
