//! Runs of digits, and what in them may be a card number.

use std::ops::{ControlFlow, Range};

use memchr::memmem;
use strongroom_domain::{Bin, Brand, LuhnRule, Pan};
use zeroize::Zeroizing;

/// Where a known number stands, with up to four characters that are no letters between one digit and the next.
pub(super) struct Stream {
    /// The digits of the text, with a mark wherever too much is between two.
    digits: Zeroizing<Vec<u8>>,
    /// Where each of them is in the text.
    places: Vec<usize>,
}

impl Stream {
    pub(super) fn of(text: &[u8]) -> Self {
        let count = text.iter().filter(|byte| byte.is_ascii_digit()).count();
        let mut stream = Self {
            digits: Zeroizing::new(Vec::with_capacity(count * 2)),
            places: Vec::with_capacity(count * 2),
        };
        let mut between = 0_usize;
        for (place, byte) in text.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    if between > MOST_BETWEEN {
                        stream.push(BREAK, place);
                    }
                    stream.push(*byte, place);
                    between = 0;
                }
                byte if byte.is_ascii_alphabetic() => between = MOST_BETWEEN + 1,
                _ => between = between.saturating_add(1),
            }
        }
        stream
    }

    /// Where in the text these digits are.
    pub(super) fn find(&self, number: &[u8]) -> impl Iterator<Item = Range<usize>> {
        memmem::find_iter(&self.digits, number).filter_map(move |at| {
            let first = self.places.get(at)?;
            let last = self.places.get(at + number.len() - 1)?;
            Some(*first..*last + 1)
        })
    }

    fn push(&mut self, digit: u8, place: usize) {
        self.digits.push(digit);
        self.places.push(place);
    }
}

/// Whether there are but digits, spaces and dashes.
pub(super) fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_digit() || is_separator(*byte))
}

/// All that looks like a card number: 12 to 19 digits, with spaces and dashes between groups of them, with the right
/// check digit, of a length that its brand has. Goes on as long as `found` says so.
pub(super) fn find_any(text: &[u8], mut found: impl FnMut(Range<usize>, Pan) -> ControlFlow<()>) {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if !byte.is_ascii_digit() {
            at += 1;
            continue;
        }
        let length =
            text.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let group = at..at + length;
        if !groups.last().is_some_and(|last| text.get(last.end..at).is_some_and(separates)) {
            if search_run(text, &groups, &mut found).is_break() {
                return;
            }
            groups.clear();
        }
        at = group.end;
        groups.push(group);
    }
    let _ = search_run(text, &groups, &mut found);
}

/// A run of groups may hold several numbers, and others before and after them.
fn search_run(
    text: &[u8],
    groups: &[Range<usize>],
    found: &mut impl FnMut(Range<usize>, Pan) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut rest = groups;
    while !rest.is_empty() {
        let mut digits = 0;
        let candidates = rest.iter().enumerate().map_while(|(place, group)| {
            digits += group.len();
            (digits <= Pan::MAX_LENGTH).then_some((digits, place + 1))
        });
        // With a choice of lengths, the likelier one is taken first.
        let mut candidates: Vec<_> = candidates.filter(|(digits, _)| *digits >= Pan::MIN_LENGTH).collect();
        candidates.sort_by_key(|(digits, _)| digits.abs_diff(16));
        let hit = candidates.into_iter().find_map(|(digits, count)| {
            let range = rest.first()?.start..rest.get(count - 1)?.end;
            Some((count, range.clone(), card_number(text, range, digits)?))
        });
        let mut taken = 1;
        if let Some((count, range, number)) = hit {
            found(range, number)?;
            taken = count;
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    ControlFlow::Continue(())
}

fn card_number(text: &[u8], range: Range<usize>, digits: usize) -> Option<Pan> {
    let number = std::str::from_utf8(text.get(range.clone())?).ok()?;
    // The cheaper questions first: a hostile answer asks them a million times.
    if !is_length_of_brand(digits, brand(number)?) || is_of_something_longer(text, &range) {
        return None;
    }
    Pan::parse(number, LuhnRule::Required).ok()
}

fn brand(number: &str) -> Option<Brand> {
    let mut bin = [0; 6];
    for (to, digit) in bin.iter_mut().zip(number.bytes().filter(u8::is_ascii_digit)) {
        *to = digit;
    }
    Bin::parse(std::str::from_utf8(&bin).ok()?).map(Brand::of)
}

/// The digits after a decimal point, or in the middle of a hexadecimal text: one in ten has the check digit by chance,
/// and answers are full of them.
fn is_of_something_longer(text: &[u8], range: &Range<usize>) -> bool {
    let before = |steps| range.start.checked_sub(steps).and_then(|place| text.get(place)).copied();
    let is_hexadecimal = |byte: u8| byte.is_ascii_hexdigit() && !byte.is_ascii_digit();
    let is_fraction = before(1) == Some(b'.') && before(2).is_some_and(|byte| byte.is_ascii_digit());
    is_fraction
        || before(1).is_some_and(is_hexadecimal)
        || text.get(range.end).copied().is_some_and(is_hexadecimal)
}

/// The lengths that issuers use (ISO/IEC 7812-1 allows others, and no brand has them).
fn is_length_of_brand(digits: usize, brand: Brand) -> bool {
    match brand {
        Brand::Amex => digits == 15,
        Brand::Mastercard => digits == 16,
        Brand::Visa => matches!(digits, 13 | 16..=19),
        Brand::Diners => digits >= 14,
        Brand::Discover | Brand::Jcb | Brand::Mir | Brand::Unionpay => digits >= 16,
        Brand::Maestro => true,
        Brand::Unknown => false,
    }
}

fn separates(text: &[u8]) -> bool {
    text.len() <= MOST_SEPARATORS && text.iter().all(|byte| is_separator(*byte))
}

/// As in [`Pan::parse`].
fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

const MOST_SEPARATORS: usize = 3;

/// As many as `", "` has.
const MOST_BETWEEN: usize = 4;

/// No digit, so nothing is found across it.
const BREAK: u8 = b'|';

#[cfg(test)]
mod tests {
    use super::*;

    fn any(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find_any(text.as_bytes(), |range, _| {
            found.push(text.get(range).unwrap());
            ControlFlow::Continue(())
        });
        found
    }

    fn known<'a>(text: &'a str, number: &str) -> Vec<&'a str> {
        Stream::of(text.as_bytes()).find(number.as_bytes()).map(|range| text.get(range).unwrap()).collect()
    }

    #[test]
    fn finds_what_looks_like_a_card_number() {
        for (text, expected) in [
            ("4111111111111111", &["4111111111111111"][..]),
            ("x4111 1111 1111 1111,", &["4111 1111 1111 1111"]),
            ("4111-1111-1111-1111 5555 5555 5555 4444", &["4111-1111-1111-1111", "5555 5555 5555 4444"]),
            ("2026-11-23 4111111111111111 1", &["4111111111111111"]),
            ("378282246310005", &["378282246310005"]),
            ("{\"n\":4111111111111111}", &["4111111111111111"]),
            ("PAN4111111111111111X", &["4111111111111111"]),
            ("4111  1111  1111  1111", &["4111  1111  1111  1111"]),
        ] {
            assert_eq!(any(text), expected, "{text}");
        }
    }

    #[test]
    fn other_digits_are_left_alone() {
        for text in [
            "4111111111111112",
            "41111111111",
            "41111111111111111111111111",
            "1763873361000",
            "0.4111111111111111",
            "f4111111111111111",
            "4111111111111111a0",
            "4111.1111.1111.1111",
            "9999999999999995",
            "411111111111111",
            "411111******1111",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert!(any(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_known_number_is_found_with_more_between_its_digits() {
        let number = "4111111111111112";
        for text in [
            "4111111111111112",
            "994111111111111112",
            "f4111111111111112a",
            "4111.1111.1111.1112",
            "4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2",
            "\"4111\", \"1111\", \"1111\", \"1112\"",
            "4111\n1111\n1111\n1112",
        ] {
            assert_eq!(known(text, number).len(), 1, "{text}");
        }
        for text in ["4111a111111111112", "4111     111111111112", "411111******1112", "411111111111111"] {
            assert!(known(text, number).is_empty(), "{text}");
        }
    }
}
