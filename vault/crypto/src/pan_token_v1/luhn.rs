//! The check digit of ISO/IEC 7812-1 annex B, at any place: each place's contribution is a permutation of 0 to 9, so
//! whatever the other digits are, exactly one digit in a given place makes the whole number right.

/// The ASCII digit which, put in that place, makes the check digit right. None if there is no such place.
pub(super) fn digit_that_completes(digits: &[u8], place: usize) -> Option<u8> {
    let from_the_end = |place: usize| digits.len().checked_sub(place)?.checked_sub(1);
    let others: u32 = digits
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != place)
        .map(|(other, digit)| contribution(*digit, from_the_end(other).unwrap_or_default()))
        .sum();
    let from_the_end = from_the_end(place)?;
    (b'0'..=b'9').find(|digit| (others + contribution(*digit, from_the_end)).is_multiple_of(10))
}

/// What an ASCII digit adds to the sum: every second digit from the end is doubled and the digits of the result added.
fn contribution(digit: u8, from_the_end: usize) -> u32 {
    let value = u32::from(digit.wrapping_sub(b'0') % 10);
    match (from_the_end % 2, value) {
        (0, _) => value,
        (_, 0..=4) => value * 2,
        _ => value * 2 - 9,
    }
}
