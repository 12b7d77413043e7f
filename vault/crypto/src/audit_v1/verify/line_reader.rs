//! Reads lines of bounded length from a stream of any length.

use std::io::{self, BufRead};

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextLine {
    /// A line, without its line break, in the buffer.
    Line,
    /// A line longer than any line of the format; its rest was skipped.
    TooLong,
    /// The end.
    End,
}

/// No line is longer: a note of the largest size, escaped, has room.
pub(super) const MAX_LINE_LENGTH: usize = 512 * 1024;

/// Reads the next line into the buffer. The last line may lack its line break.
pub(super) fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<NextLine> {
    line.clear();
    let mut length = 0_usize;
    loop {
        let available = match reader.fill_buf() {
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
        if length <= MAX_LINE_LENGTH {
            line.extend_from_slice(piece);
        }
        reader.consume(used);

        if complete || ended {
            return Ok(match length {
                0 if ended => NextLine::End,
                0..=MAX_LINE_LENGTH => NextLine::Line,
                _ => NextLine::TooLong,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn lines(bytes: &[u8], buffer: usize) -> Vec<(NextLine, Vec<u8>)> {
        let mut reader = BufReader::with_capacity(buffer, bytes);
        let mut line = Vec::new();
        let mut lines = Vec::new();
        loop {
            match next_line(&mut reader, &mut line).unwrap() {
                NextLine::End => return lines,
                next => lines.push((next, line.clone())),
            }
        }
    }

    #[test]
    fn finds_the_lines_whatever_the_buffer() {
        for buffer in 1..8 {
            let expected: Vec<_> =
                ["ab", "", "cde", "f"].map(|line| (NextLine::Line, line.as_bytes().to_vec())).into();
            assert_eq!(lines(b"ab\n\ncde\nf", buffer), expected);
            assert_eq!(lines(b"ab\n\ncde\nf\n", buffer), expected);
        }
        assert_eq!(lines(b"", 4), vec![]);
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut bytes = vec![b'x'; 3 * MAX_LINE_LENGTH];
        bytes.extend_from_slice(b"\nnext\n");
        let mut reader = bytes.as_slice();
        let mut line = Vec::new();
        assert_eq!(next_line(&mut reader, &mut line).unwrap(), NextLine::TooLong);
        assert!(line.capacity() <= 4 * MAX_LINE_LENGTH);
        assert_eq!(next_line(&mut reader, &mut line).unwrap(), NextLine::Line);
        assert_eq!(line, b"next");
    }
}
