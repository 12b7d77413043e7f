//! Card numbers in texts where they have no business: metadata, names and labels are kept readable.

use zeroize::Zeroizing;

use crate::{Brand, LuhnRule, Pan};

/// Whether groups of digits, with single spaces or dashes between them, join to 13 to 19 digits with a right check digit
/// in a known issuer's range. Order numbers and times of one's own rarely do.
pub fn holds_card_number(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || byte == b' ' || byte == b'-';
    text.as_bytes().split(|byte| !is_part(*byte)).any(|run| {
        let groups: Vec<&[u8]> =
            run.split(|byte| !byte.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
        (0..groups.len()).any(|first| {
            let mut digits = Zeroizing::new(Vec::with_capacity(run.len()));
            groups.iter().skip(first).any(|group| {
                digits.extend_from_slice(group);
                is_card_number(&digits)
            })
        })
    })
}

fn is_card_number(digits: &[u8]) -> bool {
    (13..=19).contains(&digits.len())
        && std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| Pan::parse(digits, LuhnRule::Required).ok())
            .is_some_and(|pan| pan.brand() != Brand::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_card_numbers_as_people_write_them() {
        for text in [
            "4111111111111111",
            "card 4111-1111-1111-1111!",
            "x378282246310005y",
            "4111 1111 1111 1111 12/30",
            "customer/4111-1111-1111-1111",
        ] {
            assert!(holds_card_number(text));
        }
        for text in ["order 42", "2026-11-22 10:00:00", "4111111111111112", "411111******1111", ""] {
            assert!(!holds_card_number(text), "{text}");
        }
    }
}
