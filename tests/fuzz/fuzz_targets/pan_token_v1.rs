//! A token keeps what its shape says, is no card number, and has an index of its own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::pan_token_v1::{Shape, uniform_index};
use strongroom_domain::{KeptDigits, LuhnRule, LuhnStyle, Pan};

fuzz_target!(|input: (Vec<u8>, u8, u8, u64, [u8; 16])| {
    let (digits, keep, luhn, index, random) = input;
    let digits: String = digits.iter().take(19).map(|digit| char::from(b'0' + digit % 10)).collect();
    let Ok(pan) = Pan::parse(&digits, LuhnRule::Relaxed) else { return };
    let shape = Shape {
        keep: KeptDigits::ALL[usize::from(keep) % KeptDigits::ALL.len()],
        luhn: LuhnStyle::ALL[usize::from(luhn) % LuhnStyle::ALL.len()],
    };
    let space = shape.space(&pan);
    assert_eq!(space == 0, shape.luhn == LuhnStyle::PrivatePrefix && shape.keep.front() > 0);
    if index >= space {
        assert_eq!(shape.token(&pan, index), None);
    }
    let drawn = uniform_index(random, space);
    assert!(space == 0 || drawn < space);
    let Some(token) = shape.token(&pan, drawn) else { return };
    if let Some(other) = shape.token(&pan, index % space) {
        assert_eq!(other == token, index % space == drawn);
    }

    let token = token.as_str();
    assert_eq!(token.len(), digits.len());
    assert_ne!(token, digits);
    assert!(token.ends_with(&digits[digits.len() - 4..]));
    let check_digit_is_right = Pan::parse(token, LuhnRule::Required).is_ok();
    match shape.luhn {
        LuhnStyle::Invalid => {
            assert!(!check_digit_is_right && token.starts_with(&digits[..shape.keep.front()]))
        }
        LuhnStyle::PrivatePrefix => assert!(check_digit_is_right && token.starts_with('9')),
    }
});
