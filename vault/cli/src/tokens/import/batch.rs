//! Cutting a file into batches.
//!
//! Where a batch ends depends on nothing but the file, the options and where it begins: a batch that is repeated must be
//! the same to the byte, or the vault would refuse its key.

use std::io::BufRead;

use strongroom_api::limits::MAX_BODY;
use strongroom_api::tokens::CreateToken;
use strongroom_api::{ErrorCode, Text, to_wiped_json};
use strongroom_domain::ProfileName;

use super::LineInput;
use super::csv_line::Columns;
use super::json_line;
use super::lines::{Line, Lines, Place};
use super::outcome::LineError;
use crate::failure::Failure;

/// Room for `{"items":[…]}` and to spare.
const LARGEST_BODY: usize = MAX_BODY - 1024;

/// What is asked for every line.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) profile: Option<ProfileName>,
    pub(super) ttl_seconds: Option<u64>,
    pub(super) single_use: bool,
}

/// How lines are read.
pub(super) enum Reading {
    /// By these columns.
    Csv(Columns),
    /// As JSON objects.
    Ndjson,
}

/// A line that is worth sending.
pub(super) struct Item {
    /// Its number.
    pub(super) line: u64,
    /// The request.
    pub(super) request: CreateToken,
}

/// Lines that go together.
pub(super) struct LineBatch {
    /// Its number, from 0.
    pub(super) number: u64,
    /// What is to be sent.
    pub(super) items: Vec<Item>,
    /// What is refused already.
    pub(super) refused: Vec<LineError>,
    /// Where it ends in the file.
    pub(super) end: Place,
}

/// Cuts the lines into batches.
pub(super) struct Batches<R> {
    lines: Lines<R>,
    reading: Reading,
    wanted: Wanted,
    most_lines: usize,
    next_number: u64,
    /// What no longer had room in the batch before.
    waiting: Option<Read>,
}

struct Read {
    result: Result<Item, LineError>,
    bytes: usize,
    end: Place,
}

impl<R: BufRead> Batches<R> {
    pub(super) const fn new(
        lines: Lines<R>,
        reading: Reading,
        wanted: Wanted,
        most_lines: usize,
        next_number: u64,
    ) -> Self {
        Self { lines, reading, wanted, most_lines, next_number, waiting: None }
    }

    /// The next batch; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<LineBatch>, Failure> {
        let mut batch = LineBatch {
            number: self.next_number,
            items: Vec::with_capacity(self.most_lines),
            refused: Vec::new(),
            end: Place::default(),
        };
        let mut bytes = 0;
        while batch.items.len() + batch.refused.len() < self.most_lines {
            let Some(read) = self.read()? else { break };
            if bytes + read.bytes > LARGEST_BODY && bytes > 0 {
                self.waiting = Some(read);
                break;
            }
            bytes += read.bytes;
            batch.end = read.end;
            match read.result {
                Ok(item) => batch.items.push(item),
                Err(error) => batch.refused.push(error),
            }
        }
        if batch.items.is_empty() && batch.refused.is_empty() {
            return Ok(None);
        }
        self.next_number += 1;
        Ok(Some(batch))
    }

    fn read(&mut self) -> Result<Option<Read>, Failure> {
        if let Some(read) = self.waiting.take() {
            return Ok(Some(read));
        }
        loop {
            let line = self.lines.next().map_err(|error| {
                Failure::Local(format!("the file of cards cannot be read: {}", error.kind()))
            })?;
            let Some(line) = line else { return Ok(None) };
            if line.text.as_ref().is_some_and(|text| text.trim_ascii().is_empty()) {
                continue;
            }
            let end = line.end;
            return Ok(Some(match self.item(line) {
                Ok((item, bytes)) => Read { result: Ok(item), bytes, end },
                Err(error) => Read { result: Err(error), bytes: 0, end },
            }));
        }
    }

    fn item(&self, line: Line) -> Result<(Item, usize), LineError> {
        let Line { number, text, .. } = line;
        let refused =
            |code: ErrorCode, detail: String| LineError { line: number, code: code.as_str().into(), detail };
        let Some(text) = text else {
            return Err(refused(ErrorCode::PayloadTooLarge, "a line has at most 16 KiB".to_owned()));
        };
        let input = match &self.reading {
            Reading::Csv(columns) => columns.read(number, &text)?,
            Reading::Ndjson => json_line::parse(number, &text)?,
        };
        // What the vault would refuse together with the whole batch must not get into one.
        input.card.expiry().map_err(|error| refused(ErrorCode::InvalidRequest, error.to_string()))?;
        let request = self.request(input);
        let bytes = to_wiped_json(&request)
            .map_err(|_| refused(ErrorCode::InvalidRequest, "the line cannot be written as JSON".to_owned()))?
            .len();
        Ok((Item { line: number, request }, bytes + 1))
    }

    fn request(&self, line: LineInput) -> CreateToken {
        let LineInput { card, metadata, aliases, tags } = line;
        CreateToken {
            profile: self.wanted.profile.clone().map(Text),
            ttl_seconds: self.wanted.ttl_seconds,
            single_use: self.wanted.single_use.then_some(true),
            metadata,
            aliases,
            tags,
            ..CreateToken::card(card)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(text: &str, most_lines: usize) -> Vec<LineBatch> {
        let lines = Lines::new(text.as_bytes(), Place::default());
        let mut batches = Batches::new(lines, Reading::Ndjson, Wanted::default(), most_lines, 0);
        std::iter::from_fn(|| batches.next().unwrap()).collect()
    }

    #[test]
    fn a_batch_has_so_many_lines_good_or_bad() {
        let good = "{\"number\":\"4111111111111111\"}\n";
        let text = format!("{good}bad\n\n{good}{good}{good}");
        let cut: Vec<_> = batches(&text, 2)
            .iter()
            .map(|batch| {
                let sent: Vec<_> = batch.items.iter().map(|item| item.line).collect();
                let refused: Vec<_> = batch.refused.iter().map(|error| error.line).collect();
                (batch.number, sent, refused, batch.end.lines)
            })
            .collect();
        assert_eq!(cut, [(0, vec![1], vec![2], 2), (1, vec![4, 5], vec![], 5), (2, vec![6], vec![], 6)]);
    }

    #[test]
    fn a_batch_is_never_larger_than_the_vault_takes() {
        let value = "\\\"".repeat(256);
        let pairs: Vec<_> = (0..16).map(|index| format!("\"n{index}\":\"{value}\"")).collect();
        let line = format!("{{\"number\":\"4111111111111111\",\"metadata\":{{{}}}}}\n", pairs.join(","));
        let batches = batches(&line.repeat(300), 1000);
        assert!(batches.len() > 1);
        assert_eq!(batches.iter().map(|batch| batch.items.len()).sum::<usize>(), 300);
        for batch in batches {
            let items = batch.items.into_iter().map(|item| item.request).collect();
            let body = to_wiped_json(&strongroom_api::tokens::CreateTokens { items }).unwrap();
            assert!(body.len() <= MAX_BODY);
        }
    }

    #[test]
    fn half_an_expiry_is_refused_alone() {
        let batches = batches("{\"number\":\"4111111111111111\",\"exp_month\":1}\n", 10);
        assert_eq!((batches[0].items.len(), batches[0].refused.len()), (0, 1));
    }
}
