//! A card number is read exactly as a second, simpler reader reads it, and shows ten digits at most.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_domain::{Bin, Brand, LastFour, LuhnRule, Pan, PanError};

fuzz_target!(|text: &str| {
    let digits: Vec<u32> = text.chars().filter_map(|character| character.to_digit(10)).collect();
    let plain = text.chars().all(|character| character.is_ascii_digit() || matches!(character, ' ' | '-'));
    let fits = (12..=19).contains(&digits.len());

    match Pan::parse(text, LuhnRule::Relaxed) {
        Ok(pan) => {
            assert!(plain && fits);
            shows_ten_digits_at_most(&pan, &digits);
        }
        Err(PanError::NotDigits) => assert!(!plain),
        // Refused at the twentieth digit, whatever stands behind it.
        Err(PanError::Length) => assert!(if plain { !fits } else { digits.len() > 19 }),
        Err(PanError::CheckDigit) => panic!("the rule was relaxed"),
        Err(PanError::ShorterThanProfile(_)) => panic!("no profile was asked"),
    }
    match Pan::parse(text, LuhnRule::Required) {
        Ok(_) => assert!(plain && fits && luhn(&digits)),
        Err(PanError::CheckDigit) => assert!(plain && fits && !luhn(&digits)),
        Err(other) => assert_eq!(Pan::parse(text, LuhnRule::Relaxed).err(), Some(other)),
    }
});

fn shows_ten_digits_at_most(pan: &Pan, digits: &[u32]) {
    let text = |digits: &[u32]| digits.iter().map(ToString::to_string).collect::<String>();
    assert_eq!(pan.len(), digits.len());
    assert_eq!(Bin::parse(&text(&digits[..6])), Some(pan.bin()));
    assert_eq!(LastFour::parse(&text(&digits[digits.len() - 4..])), Some(pan.last_four()));
    assert_eq!(Brand::parse(pan.brand().as_str()), Some(pan.brand()));
    let masked = pan.masked();
    assert_eq!(masked.len(), digits.len());
    assert_eq!(masked.bytes().filter(u8::is_ascii_digit).count(), 10);
}

/// The check digit by the textbook: the double of every second digit from the end, minus nine if above nine.
fn luhn(digits: &[u32]) -> bool {
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let (mut sum, mut double) = (0, false);
    for digit in digits.iter().rev() {
        sum += if double { DOUBLED[*digit as usize] } else { *digit };
        double = !double;
    }
    sum % 10 == 0
}
