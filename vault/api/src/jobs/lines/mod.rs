//! The lines of an import: a card each, as a record of CSV or as a JSON object. What is said of one that cannot be read
//! names the column and repeats nothing of what stands there.

mod csv;
mod ndjson;

pub use csv::Columns;

use crate::tokens::{CardInput, Metadata};
use crate::{AliasText, ErrorCode, TagText};

/// A line, read.
pub struct CardLine {
    /// The card.
    pub card: CardInput,
    /// What is to stand beside it.
    pub metadata: Metadata,
    /// The token's other names.
    pub aliases: Vec<AliasText>,
    /// Its labels.
    pub tags: Vec<TagText>,
}

/// Why a line was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRefusal {
    /// Why, for programs.
    pub code: ErrorCode,
    /// Why, for people.
    pub detail: String,
    /// The column, if it is in one.
    pub column: Option<String>,
}

impl LineRefusal {
    fn invalid(detail: impl Into<String>) -> Self {
        Self { code: ErrorCode::InvalidRequest, detail: detail.into(), column: None }
    }

    fn at(self, column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..self }
    }
}

/// How lines are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineReader {
    /// By these columns.
    Csv(Columns),
    /// As JSON objects.
    Ndjson,
}

impl LineReader {
    /// Reads a line. Half an expiry is none.
    pub fn read(&self, text: &[u8]) -> Result<CardLine, LineRefusal> {
        let line = match self {
            Self::Csv(columns) => columns.read(text)?,
            Self::Ndjson => ndjson::read(text)?,
        };
        match line.card.expiry() {
            Ok(_) => Ok(line),
            Err(error) => Err(LineRefusal::invalid(error.to_string()).at("exp_month")),
        }
    }
}

/// The lines of a text, without their line breaks. The last one may lack its own.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = text.strip_suffix(b"\n").unwrap_or(text);
    let lines = (!text.is_empty()).then(|| whole.split(|byte| *byte == b'\n'));
    lines.into_iter().flatten().map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// Whether there is nothing on a line: it is counted and is no row.
pub fn is_empty(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_their_breaks_and_the_last_may_lack_one() {
        let all = |text: &'static [u8]| lines(text).collect::<Vec<_>>();
        assert!(all(b"").is_empty());
        assert_eq!(all(b"a"), [b"a"]);
        assert_eq!(all(b"a\n"), [b"a"]);
        assert_eq!(all(b"a\r\n\nb"), [&b"a"[..], b"", b"b"]);
        assert_eq!(all(b"\n"), [b""]);
        assert!(is_empty(b" \t\r") && !is_empty(b" ,"));
    }

    #[test]
    fn half_an_expiry_is_refused() {
        let half = br#"{"number":"4111111111111111","exp_month":1}"#;
        assert_eq!(LineReader::Ndjson.read(half).err().unwrap().column.as_deref(), Some("exp_month"));
        let columns = LineReader::Csv(Columns::named(&["number", "exp_month", "exp_year"]).unwrap());
        assert!(columns.read(b"4111111111111111,13,2030").is_err());
        assert!(columns.read(b"4111111111111111,12,2030").is_ok());
    }
}
