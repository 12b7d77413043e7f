//! The last line of defence of the log: card numbers are masked, and nothing in a line can move a cursor or turn the
//! reading direction.

use std::borrow::Cow;
use std::ops::Range;

/// A line of JSON with card numbers masked and control characters escaped. It stays a line of JSON.
pub fn scrub(line: &str) -> Cow<'_, str> {
    // Nearly every line is plain ASCII with no number as long as that: one look at each byte, and no memory.
    let suspects = if has_digits_enough(line) { card_numbers(line) } else { Vec::new() };
    if suspects.is_empty() && (is_plain(line) || !line.chars().any(must_be_escaped)) {
        return Cow::Borrowed(line);
    }
    let mut scrubbed = String::with_capacity(line.len() + 16);
    let mut suspects = suspects.into_iter().peekable();
    let mut in_string = false;
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        while suspects.next_if(|suspect| suspect.end <= at).is_some() {}
        if suspects.peek().is_some_and(|suspect| suspect.contains(&at)) {
            mask(&mut scrubbed, character, in_string);
            continue;
        }
        match character {
            '"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
        if must_be_escaped(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                scrubbed.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            scrubbed.push(character);
        }
    }
    Cow::Owned(scrubbed)
}

/// Inside a string a digit becomes a star. A bare number stays a number, of nines: stars would break the line.
fn mask(scrubbed: &mut String, character: char, in_string: bool) {
    scrubbed.push(match (character.is_ascii_digit(), in_string) {
        (true, true) => '*',
        (true, false) => '9',
        (false, _) => character,
    });
}

/// C0 but for the line break at the end of each line, DEL, C1, line and paragraph separators, bidirectional controls.
const fn must_be_escaped(character: char) -> bool {
    matches!(character,
        '\0'..='\x09' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether the line is nothing but visible ASCII, spaces and line breaks. Without an early end, so that it is done many
/// bytes at a time.
fn is_plain(line: &str) -> bool {
    line.bytes().fold(true, |plain, byte| plain & (matches!(byte, b' '..=b'~') | (byte == b'\n')))
}

/// Whether as many digits as the shortest card number has follow each other anywhere, with at most one space or dash
/// between two of them.
fn has_digits_enough(line: &str) -> bool {
    let (mut digits, mut after_separator) = (0, false);
    for byte in line.bytes() {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                after_separator = false;
                if digits >= SHORTEST {
                    return true;
                }
            }
            b' ' | b'-' if digits > 0 && !after_separator => after_separator = true,
            _ => (digits, after_separator) = (0, false),
        }
    }
    false
}

/// Where the line has 12 to 19 digits that pass the Luhn check, in one run or in groups with one space or dash between
/// them. A longer run may hold one anywhere and is taken as a whole.
fn card_numbers(line: &str) -> Vec<Range<usize>> {
    let groups = digit_groups(line);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(first) = groups.get(from) {
        match longest_card_number(line, groups.get(from..).unwrap_or_default()) {
            Some(taken) => {
                let end = groups.get(from + taken - 1).map_or(first.range.end, |group| group.range.end);
                found.push(first.range.start..end);
                from += taken;
            }
            None => from += 1,
        }
    }
    found
}

/// A run of digits, and whether the next one follows after a single space or dash.
struct Group {
    range: Range<usize>,
    joined_to_next: bool,
}

fn digit_groups(line: &str) -> Vec<Group> {
    let bytes = line.as_bytes();
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
            continue;
        }
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        let joined_to_next = bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'-'))
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        groups.push(Group { range: start..at, joined_to_next });
    }
    groups
}

/// How many groups from the first one on make the longest card number.
fn longest_card_number(line: &str, groups: &[Group]) -> Option<usize> {
    if groups.first()?.range.len() > LONGEST {
        return Some(1);
    }
    let mut digits = Vec::with_capacity(LONGEST);
    let mut taken = None;
    for (index, group) in groups.iter().enumerate() {
        digits.extend(line.get(group.range.clone()).unwrap_or_default().bytes().map(|byte| byte - b'0'));
        if digits.len() > LONGEST {
            break;
        }
        if digits.len() >= SHORTEST && passes_luhn(&digits) {
            taken = Some(index + 1);
        }
        if !group.joined_to_next {
            break;
        }
    }
    taken
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

const SHORTEST: usize = 12;
const LONGEST: usize = 19;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_masked_wherever_they_stand() {
        for (line, scrubbed) in [
            (r#"{"m":"4111111111111111"}"#, r#"{"m":"****************"}"#),
            (r#"{"m":"card 4111 1111 1111 1111."}"#, r#"{"m":"card **** **** **** ****."}"#),
            (r#"{"m":"x4111-1111-1111-1111-x"}"#, r#"{"m":"x****-****-****-****-x"}"#),
            (r#"{"m":"3782 822463 10005"}"#, r#"{"m":"**** ****** *****"}"#),
            (r#"{"m":"7 4111 1111 1111 1111 12"}"#, r#"{"m":"7 **** **** **** **** 12"}"#),
            (r#"{"n":4111111111111111,"m":1}"#, r#"{"n":9999999999999999,"m":1}"#),
            (r#"{"m":"\"4111111111111111"}"#, r#"{"m":"\"****************"}"#),
            (r#"{"m":"00004111111111111111999"}"#, r#"{"m":"***********************"}"#),
            (
                r#"{"m":"6304000000000000"} {"m":"630490017740292441"}"#,
                r#"{"m":"****************"} {"m":"******************"}"#,
            ),
        ] {
            assert_eq!(scrub(line), scrubbed);
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for line in [
            r#"{"timestamp":"2026-11-22T15:33:00.123456Z","m":"epoch 12, 4711 of 65536"}"#,
            r#"{"m":"4111111111111112"}"#,
            r#"{"m":"41111111111"}"#,
            r#"{"id":"req_0123456789abcdef0123456789abcdef","key":"key_00010203040506ff"}"#,
            r#"{"m":"4111, 1111, 1111, 1111"}"#,
        ] {
            assert_eq!(scrub(line), line);
        }
    }

    #[test]
    fn whether_there_are_digits_enough_is_seen_without_taking_the_line_apart() {
        for enough in ["411111111111", "4-1 1-1 1-1 1-1 1-1 1-1", "2026-11-22 4111", "1 4111-1111 111"] {
            assert!(has_digits_enough(enough), "{enough}");
        }
        for too_few in
            ["", "41111111111", "411111 -111111", "411111--111111", "4111111111:11", "411111a111111"]
        {
            assert!(!has_digits_enough(too_few), "{too_few}");
        }
    }

    #[test]
    fn nothing_moves_the_cursor_or_turns_the_text() {
        let line = "{\"m\":\"a\u{1b}[2Jb\rc\u{202e}d\u{85}e\u{7f}f\u{2028}\"}\n";
        assert_eq!(scrub(line), "{\"m\":\"a\\u001b[2Jb\\u000dc\\u202ed\\u0085e\\u007ff\\u2028\"}\n");
    }

    #[test]
    fn a_scrubbed_line_is_still_json() {
        let event = serde_json::json!({
            "message": "a\u{1b}\u{202e}\" 4111 1111 1111 1111 \\", "number": 4_111_111_111_111_111_u64, "list": [1, 2],
        });
        let scrubbed = scrub(&event.to_string()).into_owned();
        let read: serde_json::Value = serde_json::from_str(&scrubbed).unwrap();
        assert_eq!(read["message"], "a\u{1b}\u{202e}\" **** **** **** **** \\");
        assert_eq!(read["number"], 9_999_999_999_999_999_u64);
    }
}
