//! Cutting a file into parts.
//!
//! Where a part ends depends on nothing but the file, the options and where it begins: a part that is handed in again must
//! be the same to the byte, or the vault would refuse it.

use std::io::BufRead;

use strongroom_api::jobs::lines::is_empty;
use strongroom_api::limits::MAX_BODY;
use zeroize::Zeroizing;

use super::lines::{LONGEST_LINE, Line, Lines, Place};
use crate::failure::Failure;

/// Stands for a line that is too long to be sent: it can be read in no format, so the vault refuses it in its place.
const TOO_LONG: &[u8] = b"\"";

/// Lines that go together.
pub(super) struct Part {
    /// Its number, from 0.
    pub(super) number: u32,
    /// The lines, each with its break; wiped when dropped.
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The lines that are not empty.
    pub(super) rows: Vec<Row>,
    /// Where it ends in the file.
    pub(super) end: Place,
}

/// A line of a part.
pub(super) struct Row {
    /// Its number in the file, from 1.
    pub(super) line: u64,
    /// Where it stands in the body.
    pub(super) at: std::ops::Range<usize>,
    /// Whether it was too long, and something else stands there.
    pub(super) is_too_long: bool,
}

/// Cuts the lines into parts.
pub(super) struct Parts<R> {
    lines: Lines<R>,
    most_rows: usize,
    next_number: u32,
    /// What no longer had room in the part before.
    waiting: Option<Line>,
}

impl Part {
    /// The text of a row.
    pub(super) fn text(&self, row: &Row) -> &[u8] {
        self.body.get(row.at.clone()).unwrap_or_default()
    }
}

impl<R: BufRead> Parts<R> {
    pub(super) const fn new(lines: Lines<R>, most_rows: usize) -> Self {
        Self { lines, most_rows, next_number: 0, waiting: None }
    }

    /// The next part; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Part>, Failure> {
        let mut part = Part {
            number: self.next_number,
            // Of full size from the start: a buffer that grew would leave copies behind.
            body: Zeroizing::new(Vec::with_capacity(MAX_BODY)),
            rows: Vec::with_capacity(self.most_rows),
            end: Place::default(),
        };
        while part.rows.len() < self.most_rows {
            let Some(line) = self.line()? else { break };
            let text = line.text.as_ref().map_or(TOO_LONG, |text| text.as_slice());
            let (start, end) = (part.body.len(), part.body.len() + text.len());
            if end + 1 > MAX_BODY {
                self.waiting = Some(line);
                break;
            }
            part.body.extend_from_slice(text);
            part.body.push(b'\n');
            part.end = line.end;
            if !is_empty(text) {
                part.rows.push(Row { line: line.number, at: start..end, is_too_long: line.text.is_none() });
            }
        }
        if part.body.is_empty() {
            return Ok(None);
        }
        self.next_number = self.next_number.checked_add(1).ok_or_else(|| {
            Failure::Input("the file has more parts than a job can count; cut it into several".to_owned())
        })?;
        Ok(Some(part))
    }

    fn line(&mut self) -> Result<Option<Line>, Failure> {
        if let Some(line) = self.waiting.take() {
            return Ok(Some(line));
        }
        let read = self.lines.next();
        read.map_err(|error| Failure::Local(format!("the file of cards cannot be read: {}", error.kind())))
    }
}

/// A line and its break fit into a part.
const _: () = assert!(LONGEST_LINE < MAX_BODY);

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &[u8], most_rows: usize) -> Vec<Part> {
        let mut parts = Parts::new(Lines::new(text, Place::default()), most_rows);
        std::iter::from_fn(|| parts.next().unwrap()).collect()
    }

    #[test]
    fn a_part_has_so_many_rows_and_every_line_is_in_one() {
        let parts = parts(b"a\r\n\n\nb\nc\n \nd", 2);
        let cut: Vec<_> = parts
            .iter()
            .map(|part| {
                let rows: Vec<_> = part.rows.iter().map(|row| (row.line, part.text(row))).collect();
                (part.number, part.body.as_slice(), rows, part.end.lines)
            })
            .collect();
        assert_eq!(
            cut,
            [
                (0, &b"a\n\n\nb\n"[..], vec![(1, &b"a"[..]), (4, b"b")], 4),
                (1, b"c\n \nd\n", vec![(5, b"c"), (7, b"d")], 7),
            ]
        );
        assert!(self::parts(b"", 2).is_empty());
    }

    #[test]
    fn a_part_is_never_larger_than_the_vault_takes() {
        let text = [vec![b'x'; LONGEST_LINE - 1], vec![b'\n']].concat().repeat(200);
        let parts = parts(&text, 1000);
        assert!(parts.len() > 1 && parts.iter().all(|part| part.body.len() <= MAX_BODY));
        assert_eq!(parts.iter().map(|part| part.rows.len()).sum::<usize>(), 200);
        assert!(parts.iter().all(|part| part.body.capacity() == MAX_BODY), "a buffer grew");
        let blank = self::parts(&vec![b'\n'; MAX_BODY + 5], 1000);
        assert_eq!(blank.iter().map(|part| part.body.len()).collect::<Vec<_>>(), [MAX_BODY, 5]);
    }

    #[test]
    fn a_line_that_is_too_long_keeps_its_place() {
        let text = [vec![b'4'; 2 * LONGEST_LINE], b"\nnext\n".to_vec()].concat();
        let part = parts(&text, 10).pop().unwrap();
        assert_eq!(part.body.as_slice(), b"\"\nnext\n");
        assert!(part.rows[0].is_too_long && !part.rows[1].is_too_long);
    }
}
