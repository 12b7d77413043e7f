//! Writes JSON objects of one line: fixed order, no spaces, nothing outside printable ASCII.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Appends one JSON object to a buffer, member by member. The order of the calls is the order of the bytes.
pub(super) struct ObjectWriter<'out> {
    out: &'out mut Vec<u8>,
    empty: bool,
}

impl<'out> ObjectWriter<'out> {
    /// Opens the object.
    pub(super) fn begin(out: &'out mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// A member that is a string.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        push_string(self.out, value);
    }

    /// A member that is a string, or nothing at all.
    pub(super) fn optional_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A member that is a number.
    pub(super) fn number(&mut self, name: &str, value: impl Into<u64>) {
        self.name(name);
        push_decimal(self.out, value.into(), 1);
    }

    /// A member that is a number, or nothing at all.
    pub(super) fn optional_number(&mut self, name: &str, value: Option<impl Into<u64>>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    /// A member that is binary: base64, standard alphabet.
    pub(super) fn binary(&mut self, name: &str, value: &[u8]) {
        self.text(name, &STANDARD.encode(value));
    }

    /// A member that is JSON already.
    pub(super) fn json(&mut self, name: &str, value: &[u8]) {
        self.name(name);
        self.out.extend_from_slice(value);
    }

    /// A member that writes itself as JSON.
    pub(super) fn json_with(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        self.name(name);
        write(self.out);
    }

    /// Closes the object.
    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    /// Names are ours and plain, so they need no escaping.
    fn name(&mut self, name: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

/// A number in decimal, with leading zeroes up to the width.
pub(super) fn push_decimal(out: &mut Vec<u8>, value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut rest = value;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
        if rest == 0 && used >= width {
            break;
        }
    }
    out.extend(digits.iter().skip(digits.len() - used));
}

/// A string in quotes. One spelling for each character: `\"`, `\\`, itself if printable ASCII, `\u` and four lower-case
/// digits for every UTF-16 unit of all others. So no line break, terminal escape or change of writing direction that
/// came in with a value can act on who reads the record.
fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    if text.bytes().all(is_plain) {
        out.extend_from_slice(text.as_bytes());
    } else {
        for character in text.chars() {
            push_character(out, character);
        }
    }
    out.push(b'"');
}

fn push_character(out: &mut Vec<u8>, character: char) {
    match character {
        '"' | '\\' => out.extend([b'\\', character as u8]),
        ' '..='~' => out.push(character as u8),
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(b"\\u");
                out.extend([12, 8, 4, 0].map(|shift| hexadecimal_digit((*unit >> shift) & 0xf)));
            }
        }
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn hexadecimal_digit(nibble: u16) -> u8 {
    let nibble = nibble as u8;
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_printable_ascii_leaves() {
        let mut out = Vec::new();
        push_string(&mut out, "a\"\\\n\u{1b}[31m\u{7f}\u{202e}é😀~");
        let expected = "\"a\\\"\\\\\\u000a\\u001b[31m\\u007f\\u202e\\u00e9\\ud83d\\ude00~\"";
        assert_eq!(String::from_utf8(out), Ok(expected.to_owned()));
    }

    #[test]
    fn decimals_of_every_length() {
        for value in [0, 1, 9, 10, 99, 12345, u64::MAX] {
            let mut out = Vec::new();
            push_decimal(&mut out, value, 1);
            assert_eq!(String::from_utf8(out), Ok(value.to_string()));
        }
        let mut out = Vec::new();
        push_decimal(&mut out, 7, 3);
        assert_eq!(out, b"007");
    }
}
