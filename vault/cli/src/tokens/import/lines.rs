//! Lines of a file of any size, in bounded memory.

use std::io::{self, BufRead};

use zeroize::{Zeroize as _, Zeroizing};

/// Longer than any card with all its metadata.
pub(super) const LONGEST_LINE: usize = 16 * 1024;

/// Where in the file something ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes before it.
    pub(super) bytes: u64,
    /// Lines before it.
    pub(super) lines: u64,
}

/// A line.
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// What is in it, without its line break; wiped when dropped. None if it is longer than [`LONGEST_LINE`].
    pub(super) text: Option<Zeroizing<Vec<u8>>>,
    /// Where the next one begins.
    pub(super) end: Place,
}

/// Reads lines.
pub(super) struct Lines<R> {
    reader: R,
    place: Place,
}

impl<R: BufRead> Lines<R> {
    /// From a reader that stands at this place.
    pub(super) const fn new(reader: R, place: Place) -> Self {
        Self { reader, place }
    }

    /// The next line; none at the end. The last line may lack its line break.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        // Of full size from the start: a buffer that grew would leave copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
        let mut length = 0_usize;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let ended = available.is_empty();
            let mut pieces = available.splitn(2, |byte| *byte == b'\n');
            let piece = pieces.next().unwrap_or_default();
            let complete = pieces.next().is_some();
            let used = piece.len() + usize::from(complete);

            length = length.saturating_add(piece.len());
            if length <= LONGEST_LINE {
                text.extend_from_slice(piece);
            }
            self.reader.consume(used);
            self.place.bytes += used as u64;

            if ended && length == 0 {
                return Ok(None);
            }
            if complete || ended {
                self.place.lines += 1;
                return Ok(Some(self.line(text, length)));
            }
        }
    }

    fn line(&self, mut text: Zeroizing<Vec<u8>>, length: usize) -> Line {
        if text.last() == Some(&b'\r') {
            text.pop();
        }
        let text = if length <= LONGEST_LINE {
            Some(text)
        } else {
            text.zeroize();
            None
        };
        Line { number: self.place.lines, text, end: self.place }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn all(text: &[u8], buffer: usize) -> Vec<(u64, Option<Vec<u8>>, u64)> {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, text), Place::default());
        std::iter::from_fn(|| lines.next().unwrap())
            .map(|line| (line.number, line.text.map(|text| text.to_vec()), line.end.bytes))
            .collect()
    }

    #[test]
    fn finds_lines_and_places_whatever_the_buffer() {
        let expected = [
            (1, Some(b"ab".to_vec()), 3),
            (2, Some(Vec::new()), 4),
            (3, Some(b"cde".to_vec()), 9),
            (4, Some(b"f".to_vec()), 10),
        ];
        for buffer in 1..12 {
            assert_eq!(all(b"ab\n\ncde\r\nf", buffer), expected);
        }
        assert!(all(b"", 4).is_empty());
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_counted() {
        let text = [vec![b'4'; 5 * LONGEST_LINE], b"\nnext\n".to_vec()].concat();
        let lines = all(&text, 4096);
        assert_eq!(lines.iter().map(|line| line.0).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((lines[0].1.as_ref(), lines[1].1.as_deref()), (None, Some(&b"next"[..])));
    }
}
