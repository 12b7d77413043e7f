//! A card as a line of CSV (RFC 4180).
//!
//! A record is one line: no part of a card may hold a line break, so a quote that stays open is a mistake of its line
//! and cannot swallow the rest of the file.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder};
use strongroom_api::tokens::{CardInput, Metadata};
use strongroom_api::{ErrorCode, SecretText, Text};
use strongroom_domain::{Alias, Tag};

use super::LineInput;
use super::outcome::LineError;
use crate::failure::Failure;

/// What stands in which column.
#[derive(Debug)]
pub(super) struct Columns(Vec<Column>);

#[derive(Debug, PartialEq, Eq)]
enum Column {
    Number,
    ExpMonth,
    ExpYear,
    Holder,
    Aliases,
    Tags,
    Metadata(String),
}

const HEADER_ALLOWED: &str = "the first line names the columns: number, exp_month, exp_year, holder, aliases, tags \
                              and metadata.<name>, each once, and number must be there; security codes are never stored";

impl Columns {
    /// Reads the header. What stands there is not repeated: a file without a header begins with a card number.
    pub(super) fn parse(header: &[u8]) -> Result<Self, Failure> {
        let header = header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header);
        let record = record(header).map_err(|reason| Failure::Input(format!("line 1: {reason}")))?;
        let mut columns = Vec::with_capacity(record.len());
        for (index, name) in record.iter().enumerate() {
            let column =
                std::str::from_utf8(name).ok().and_then(column).filter(|column| !columns.contains(column));
            columns.push(
                column.ok_or_else(|| {
                    Failure::Input(format!("line 1, column {}: {HEADER_ALLOWED}", index + 1))
                })?,
            );
        }
        if !columns.contains(&Column::Number) {
            return Err(Failure::Input(format!("line 1: {HEADER_ALLOWED}")));
        }
        Ok(Self(columns))
    }

    /// Reads a line.
    pub(super) fn read(&self, line: u64, text: &[u8]) -> Result<LineInput, LineError> {
        self.card(text).map_err(|detail| LineError {
            line,
            code: ErrorCode::InvalidRequest.as_str().into(),
            detail,
        })
    }

    fn card(&self, text: &[u8]) -> Result<LineInput, String> {
        let record = record(text)?;
        if record.len() != self.0.len() {
            return Err("the line does not have as many fields as the first line has names".to_owned());
        }
        let mut card = CardInput::new(SecretText::new(String::new()));
        let (mut aliases, mut tags) = (Vec::new(), Vec::new());
        let mut metadata = BTreeMap::new();
        for (column, field) in self.0.iter().zip(&record) {
            let field = std::str::from_utf8(field).map_err(|_| "the line is not UTF-8")?.trim();
            if field.is_empty() {
                continue;
            }
            match column {
                Column::Number => card.number = SecretText::new(field.to_owned()),
                Column::Holder => card.holder = Some(SecretText::new(field.to_owned())),
                Column::ExpMonth => {
                    card.exp_month = Some(field.parse().map_err(|_| "exp_month must be 1 to 12")?);
                }
                Column::ExpYear => {
                    card.exp_year =
                        Some(field.parse().map_err(|_| "exp_year must be four digits, 2000 to 2099")?);
                }
                Column::Aliases => aliases = names(field, Alias::parse)?,
                Column::Tags => tags = names(field, Tag::parse)?,
                Column::Metadata(name) => {
                    metadata.insert(name.clone(), field.to_owned());
                }
            }
        }
        Ok(LineInput { card, metadata: Metadata::new(metadata)?, aliases, tags })
    }
}

/// Names in one field, with spaces between: none of them has one.
fn names<T, E: ToString>(field: &str, parse: fn(&str) -> Result<T, E>) -> Result<Vec<Text<T>>, String> {
    field.split_whitespace().map(|name| parse(name).map(Text).map_err(|error| error.to_string())).collect()
}

fn column(name: &str) -> Option<Column> {
    match name.trim() {
        "number" => Some(Column::Number),
        "exp_month" => Some(Column::ExpMonth),
        "exp_year" => Some(Column::ExpYear),
        "holder" => Some(Column::Holder),
        "aliases" => Some(Column::Aliases),
        "tags" => Some(Column::Tags),
        other => {
            let name = other.strip_prefix("metadata.")?.to_owned();
            // The rules for a name are those of metadata itself.
            Metadata::new(BTreeMap::from([(name.clone(), String::new())])).ok()?;
            Some(Column::Metadata(name))
        }
    }
}

fn record(text: &[u8]) -> Result<ByteRecord, &'static str> {
    // The reader would take what follows an open quote for part of the field, up to the end.
    if text.iter().filter(|byte| **byte == b'"').count() % 2 != 0 {
        return Err("a quoted field does not end on its line");
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(text.len().max(1))
        .from_reader(text);
    let mut record = ByteRecord::with_capacity(text.len(), 8);
    match reader.read_byte_record(&mut record) {
        Ok(true) => Ok(record),
        Ok(false) | Err(_) => Err("the line is no record of CSV"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str) -> Columns {
        Columns::parse(header.as_bytes()).unwrap()
    }

    #[test]
    fn columns_may_stand_in_any_order() {
        let columns = columns("\u{feff}holder,metadata.order,number,exp_year,exp_month");
        let line = r#""Other, ""A"" N",42,4111-1111-1111-1111,2030,12"#;
        let LineInput { card, metadata, .. } = columns.read(2, line.as_bytes()).unwrap();
        assert!(card.number.secret().ct_eq(b"4111-1111-1111-1111"));
        assert!(card.holder.unwrap().secret().ct_eq(br#"Other, "A" N"#));
        assert_eq!((card.exp_month, card.exp_year), (Some(12), Some(2030)));
        assert_eq!(metadata.pairs().collect::<Vec<_>>(), [("order", "42")]);
    }

    #[test]
    fn what_is_empty_is_absent() {
        let columns = columns("number,exp_month,exp_year,holder,metadata.order");
        let LineInput { card, metadata, .. } = columns.read(2, b"4111111111111111,,, ,").unwrap();
        assert!(card.exp_month.is_none() && card.exp_year.is_none() && card.holder.is_none());
        assert!(metadata.is_empty());
    }

    #[test]
    fn names_and_labels_are_checked_here_already() {
        let columns = columns("aliases,number,tags");
        let line = columns.read(2, b"oldvendor:7 customer-42/card-1,4111111111111111,a b").unwrap();
        assert_eq!(
            line.aliases.iter().map(|alias| alias.as_str()).collect::<Vec<_>>(),
            ["oldvendor:7", "customer-42/card-1"]
        );
        assert_eq!(line.tags.len(), 2);
        for refused in
            [&b"4111111111111111,4111111111111111,"[..], b"a//b,4111111111111111,", b",4111111111111111,a/b"]
        {
            let error = columns.read(2, refused).err().unwrap();
            assert!(!error.detail.contains("411"), "{}", error.detail);
        }
    }

    #[test]
    fn a_header_is_refused_without_being_repeated() {
        for header in [
            "4111111111111111,12,2030",
            "number,number",
            "exp_month,exp_year",
            "number,cvc",
            "number,metadata.cvc",
            "number,metadata.",
            "number,\"holder",
            "",
        ] {
            let line = Columns::parse(header.as_bytes()).err().unwrap().line().unwrap();
            assert!(!line.contains("4111"), "{line}");
        }
    }

    #[test]
    fn a_line_is_refused_without_being_repeated() {
        let columns = columns("number,exp_month,exp_year,metadata.order");
        for line in [
            &b"4111111111111111"[..],
            b"4111111111111111,1,2030,x,y",
            b"4111111111111111,x4111,2030,",
            b"4111111111111111,1,4111111,",
            b"\"4111111111111111,1,2030,",
            b"4111111111111111,1,2030,\xff",
            b"4111111111111111,1,2030,a\x07b",
        ] {
            let error = columns.read(9, line).err().unwrap();
            assert!(error.line == 9 && !error.detail.contains("411"), "{}", error.detail);
        }
    }
}
