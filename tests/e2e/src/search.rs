//! Looking for a value in whatever form it may have taken.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXUPPER};

/// The forms in which a card number may lie about: as digits, grouped, reversed, as UTF-16, in hexadecimal, Base64 at each
/// of the three alignments, Base32, packed decimal, and as a binary number in both byte orders.
pub fn encodings(number: &str) -> Vec<Vec<u8>> {
    let digits = number.as_bytes();
    let groups = |separator: &str| {
        let groups: Vec<String> =
            digits.chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        groups.join(separator).into_bytes()
    };
    let mut forms = vec![
        digits.to_vec(),
        groups(" "),
        groups("-"),
        digits.iter().rev().copied().collect(),
        number.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        number.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        HEXLOWER.encode(digits).into_bytes(),
        HEXUPPER.encode(digits).into_bytes(),
        BASE32_NOPAD.encode(digits.get(..15).unwrap_or(digits)).into_bytes(),
        packed_decimal(digits),
    ];
    // In Base64 a value's characters depend on what stands before it: three alignments, and only the middle is its own.
    for shift in 0..3 {
        let shifted: Vec<u8> = std::iter::repeat_n(0, shift).chain(digits.iter().copied()).collect();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = engine.encode(&shifted).into_bytes();
            let own = text.get(shift + 1..text.len().saturating_sub(2)).unwrap_or_default();
            forms.push(own.to_vec());
        }
    }
    if let Ok(value) = number.parse::<u64>() {
        forms.push(value.to_be_bytes().to_vec());
        forms.push(value.to_le_bytes().to_vec());
    }
    forms
}

/// The first of the needles that is in the haystack. One pass for any number of needles: they are found by their first
/// bytes, and most places are passed over by their first three.
pub fn find_any<'a>(haystack: &[u8], needles: &'a [Vec<u8>]) -> Option<&'a [u8]> {
    const PREFIX: usize = 6;
    let mut begins_here = vec![false; 1 << 24];
    let mut by_prefix: HashMap<&[u8], Vec<&'a [u8]>> = HashMap::new();
    for needle in needles {
        by_prefix.entry(needle.get(..PREFIX)?).or_default().push(needle);
        *begins_here.get_mut(place(needle.first_chunk()?))? = true;
    }
    haystack.windows(PREFIX).enumerate().find_map(|(at, beginning)| {
        if !*begins_here.get(place(beginning.first_chunk()?))? {
            return None;
        }
        let rest = haystack.get(at..)?;
        by_prefix.get(beginning)?.iter().copied().find(|needle| rest.starts_with(needle))
    })
}

fn place([first, second, third]: &[u8; 3]) -> usize {
    usize::from(*first) << 16 | usize::from(*second) << 8 | usize::from(*third)
}

fn packed_decimal(digits: &[u8]) -> Vec<u8> {
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit.saturating_sub(b'0')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_form_where_it_is() {
        let forms = encodings("4111111111111111");
        for form in &forms {
            let haystack = [b"before ".as_slice(), form, b" after"].concat();
            assert!(find_any(&haystack, &forms).is_some());
        }
        assert!(find_any(b"nothing of the kind 4222222222222", &forms).is_none());
    }

    #[test]
    fn finds_base64_of_a_document_that_holds_the_number() {
        let forms = encodings("4111111111111111");
        for before in ["", "x", "xy", "xyz", "{\"number\":\""] {
            let text = STANDARD_NO_PAD.encode(format!("{before}4111111111111111 and more"));
            assert!(find_any(text.as_bytes(), &forms).is_some(), "{before}");
        }
    }
}
