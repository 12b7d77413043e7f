//! Bytes as a reader sees them after taking escapes away, and where each of them was.
//!
//! One step takes away one layer of every escape at once; what was escaped twice takes two steps.

use std::ops::Range;

use zeroize::Zeroizing;

/// A layer of an answer.
pub(super) struct View {
    bytes: Zeroizing<Vec<u8>>,
    /// Where each byte was in the answer; nothing if each is where it was.
    spans: Option<Vec<(u32, u32)>>,
}

impl View {
    /// An answer as it came.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { bytes: Zeroizing::new(bytes.to_vec()), spans: None }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where a range of this view was in the answer.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        let first = self.span(range.start).start;
        let last = self.span(range.end.saturating_sub(1)).end;
        first..last
    }

    /// The view below one layer of escapes; none if there are no escapes.
    pub(super) fn unescaped(&self) -> Option<Self> {
        if !self.bytes.iter().any(|byte| begins_escape(*byte)) {
            return None;
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.bytes.len()));
        let mut spans = Vec::with_capacity(self.bytes.len());
        let mut at = 0;
        let mut changed = false;
        while let Some(byte) = self.bytes.get(at) {
            let escape = self.bytes.get(at..).filter(|_| begins_escape(*byte)).and_then(escape);
            let length = escape.as_ref().map_or(1, |escape| escape.length);
            let meaning = escape.map_or(Some(*byte), |escape| {
                changed = true;
                escape.meaning
            });
            if let Some(meaning) = meaning {
                let span = self.source(at..at + length);
                bytes.push(meaning);
                spans.push((narrow(span.start), narrow(span.end)));
            }
            at += length;
        }
        changed.then_some(Self { bytes, spans: Some(spans) })
    }

    fn span(&self, at: usize) -> Range<usize> {
        match &self.spans {
            None => at..at + 1,
            Some(spans) => {
                let (start, end) = spans.get(at).copied().unwrap_or_default();
                wide(start)..wide(end)
            }
        }
    }
}

/// An escape, and the byte that it means; none where it means nothing that matters here.
struct Escape {
    length: usize,
    meaning: Option<u8>,
}

fn begins_escape(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'&' | 0 | 0xc2 | 0xe2 | 0xef)
}

fn escape(rest: &[u8]) -> Option<Escape> {
    match rest {
        // UTF-16 has one of these beside each digit.
        [0, ..] => Some(Escape { length: 1, meaning: None }),
        [b'\\', b'u', digits @ ..] => {
            let digits = digits.get(..4)?;
            Some(Escape { length: 6, meaning: meaning(number(digits, 16)?)? })
        }
        [b'\\', byte, ..] => {
            let meaning = match byte {
                b'"' | b'\\' | b'/' => *byte,
                b'n' | b'r' | b't' => b' ',
                _ => return None,
            };
            Some(Escape { length: 2, meaning: Some(meaning) })
        }
        [b'%', high, low, ..] => {
            let byte = u8::try_from(number(&[*high, *low], 16)?).ok()?;
            Some(Escape { length: 3, meaning: Some(byte) })
        }
        [b'&', b'#', ..] => reference(rest),
        [b'&', b'a', b'm', b'p', b';', ..] => Some(Escape { length: 5, meaning: Some(b'&') }),
        [b'&', b'n', b'b', b's', b'p', b';', ..] => Some(Escape { length: 6, meaning: Some(b' ') }),
        [0xc2..=0xef, ..] => typography(rest),
        _ => None,
    }
}

/// `&#52;`, `&#x34;`, with zeros before the digits as many as anybody likes.
fn reference(rest: &[u8]) -> Option<Escape> {
    let end = rest.iter().take(64).position(|byte| *byte == b';')?;
    let inner = rest.get(2..end)?;
    let (digits, radix) = match inner {
        [b'x' | b'X', digits @ ..] => (digits, 16),
        digits => (digits, 10),
    };
    Some(Escape { length: end + 1, meaning: meaning(number(digits, radix)?)? })
}

/// Characters of UTF-8 that people see as digits, spaces and dashes, or do not see.
fn typography(rest: &[u8]) -> Option<Escape> {
    let length = if rest.first() == Some(&0xc2) { 2 } else { 3 };
    let text = std::str::from_utf8(rest.get(..length)?).ok()?;
    Some(Escape { length, meaning: meaning(u32::from(text.chars().next()?))? })
}

/// What a character is taken for: an ASCII character, nothing at all (inner none), or itself (outer none).
fn meaning(character: u32) -> Option<Option<u8>> {
    match character {
        0 | 0xad | 0x200b..=0x200d | 0x2060 | 0xfeff => Some(None),
        1..=0x7f => Some(u8::try_from(character).ok()),
        0xa0 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => Some(Some(b' ')),
        0x2010..=0x2015 | 0x2212 => Some(Some(b'-')),
        0xff10..=0xff19 => Some(u8::try_from(character - 0xff10).ok().map(|digit| b'0' + digit)),
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, digit| {
        number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?)
    })
}

/// Answers are shorter than 4 GiB: their limit is a `u32`.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

fn wide(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> Option<(String, Vec<Range<usize>>)> {
        let view = View::of(text.as_bytes()).unescaped()?;
        let spans = (0..view.bytes.len()).map(|at| view.source(at..at + 1)).collect();
        Some((String::from_utf8(view.bytes.to_vec()).unwrap(), spans))
    }

    #[test]
    fn escapes_of_all_kinds_are_taken_away() {
        for (text, expected) in [
            (r"\u0034\u0031", "41"),
            (r"\\u0034", r"\u0034"),
            ("%34%31", "41"),
            ("&#52;&#x31;&#0000049;", "411"),
            ("&amp;#52;", "&#52;"),
            ("4\u{200b}1\u{ad}1", "411"),
            ("\u{ff14}\u{ff11}", "41"),
            ("4\u{a0}1&nbsp;1\u{2011}1", "4 1 1-1"),
            ("4\x001\x00", "41"),
        ] {
            assert_eq!(unescaped(text).map(|(text, _)| text).as_deref(), Some(expected), "{text}");
        }
        for text in ["4111", r"\u00", r"\x34", "%", "%3", "%zz", "&#;", "&#x;", "&#xg;", "&lt;", "€", "ä"]
        {
            assert_eq!(unescaped(text), None, "{text}");
        }
    }

    #[test]
    fn each_byte_knows_where_it_was() {
        let (text, spans) = unescaped("a%34&#49;").unwrap();
        assert_eq!((text.as_str(), spans), ("a41", vec![0..1, 1..4, 4..9]));
        let twice = View::of(b"%26%2352;x").unescaped().unwrap().unescaped().unwrap();
        assert_eq!((twice.bytes(), twice.source(0..1), twice.source(1..2)), (&b"4x"[..], 0..9, 9..10));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            let mut view = View::of(&bytes);
            while let Some(next) = view.unescaped() {
                proptest::prop_assert!(next.bytes().len() < view.bytes().len() || next.bytes() != view.bytes());
                for at in 0..next.bytes().len() {
                    let source = next.source(at..at + 1);
                    proptest::prop_assert!(source.start < source.end && source.end <= bytes.len());
                }
                view = next;
            }
        }
    }
}
