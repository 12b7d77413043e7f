//! What a known number looks like where whole texts are encoded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::Form;

/// Texts that give a number away, each with its form.
///
/// In Base64 three bytes become four characters, so what a number looks like depends on how many bytes are before it.
/// All three cases are here, without the characters that its neighbours have a part in. Digits, spaces and dashes give
/// letters and digits only, so both alphabets of Base64 are the same here.
pub(super) fn patterns(digits: &[u8]) -> Vec<(Form, Zeroizing<Vec<u8>>)> {
    let mut patterns = Vec::new();
    for text in spellings(digits) {
        for before in 0..3 {
            patterns.push((Form::Base64, base64(&text, before)));
        }
        patterns.push((Form::Hexadecimal, hexadecimal(&text, b'a')));
        patterns.push((Form::Hexadecimal, hexadecimal(&text, b'A')));
    }
    patterns
}

/// The digits alone, and in fours with a space or a dash between.
fn spellings(digits: &[u8]) -> [Zeroizing<Vec<u8>>; 3] {
    let in_fours = |separator: u8| {
        let mut text = Zeroizing::new(Vec::with_capacity(digits.len() * 2));
        for (place, digit) in digits.iter().enumerate() {
            if place > 0 && place.is_multiple_of(4) {
                text.push(separator);
            }
            text.push(*digit);
        }
        text
    };
    [Zeroizing::new(digits.to_vec()), in_fours(b' '), in_fours(b'-')]
}

fn base64(text: &[u8], before: usize) -> Zeroizing<Vec<u8>> {
    let mut shifted = Zeroizing::new(vec![0; before]);
    shifted.reserve_exact(text.len());
    shifted.extend_from_slice(text);
    let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&*shifted).into_bytes());
    let whole = shifted.len() * 8 / 6;
    let own = encoded.get((before * 8).div_ceil(6)..whole).unwrap_or_default();
    Zeroizing::new(own.to_vec())
}

fn hexadecimal(text: &[u8], ten: u8) -> Zeroizing<Vec<u8>> {
    let digit = |value: u8| if value < 10 { b'0' + value } else { ten + value - 10 };
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len() * 2));
    for byte in text {
        digits.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    digits
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use memchr::memmem;

    use super::*;

    proptest::proptest! {
        #[test]
        fn base64_of_anything_around_it_gives_it_away(
            number in "[0-9]{12,19}", before: Vec<u8>, after: Vec<u8>, grouped: bool
        ) {
            let [plain, spaced, _] = spellings(number.as_bytes());
            let text = [&before[..], if grouped { &spaced } else { &plain }, &after[..]].concat();
            for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                let hit = patterns(number.as_bytes())
                    .iter()
                    .any(|(form, pattern)| *form == Form::Base64 && memmem::find(encoded.as_bytes(), pattern).is_some());
                proptest::prop_assert!(hit);
            }
        }
    }

    #[test]
    fn patterns_are_long_enough_to_mean_something() {
        for (_, pattern) in patterns(b"411111111111") {
            assert!(pattern.len() >= 14, "{}", pattern.len());
        }
    }
}
