//! A card as a line of CSV (RFC 4180).
//!
//! A record is one line: no part of a card may hold a line break, so a quote that stays open is a mistake of its line
//! and cannot swallow the rest of the file.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder};
use strongroom_domain::{Alias, Tag};

use super::{CardLine, LineRefusal};
use crate::tokens::{CardInput, Metadata};
use crate::{SecretText, Text};

/// What stands in which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<Column>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Number,
    ExpMonth,
    ExpYear,
    Holder,
    Aliases,
    Tags,
    Metadata(String),
}

const ALLOWED: &str = "the columns are number, exp_month, exp_year, holder, aliases, tags and metadata.<name>, each \
                       once, and number must be there; security codes are never stored";

impl Columns {
    /// From the first line of a file. What stands there is not repeated: a file without a header begins with a card number.
    pub fn of_header(header: &[u8]) -> Result<Self, LineRefusal> {
        let header = header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header);
        let record = record(header).map_err(LineRefusal::invalid)?;
        let names: Result<Vec<&str>, _> = record.iter().map(std::str::from_utf8).collect();
        Self::named(&names.map_err(|_| LineRefusal::invalid(ALLOWED))?)
    }

    /// From their names.
    pub fn named<S: AsRef<str>>(names: &[S]) -> Result<Self, LineRefusal> {
        let mut columns = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let known = column(name.as_ref()).filter(|column| !columns.contains(column));
            let refused = || LineRefusal::invalid(format!("column {}: {ALLOWED}", index + 1));
            columns.push(known.ok_or_else(refused)?);
        }
        if columns.contains(&Column::Number) { Ok(Self(columns)) } else { Err(LineRefusal::invalid(ALLOWED)) }
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(Column::name)
    }

    /// Reads a line.
    pub fn read(&self, text: &[u8]) -> Result<CardLine, LineRefusal> {
        let record = record(text).map_err(LineRefusal::invalid)?;
        if record.len() != self.0.len() {
            return Err(LineRefusal::invalid("the line does not have as many fields as there are columns"));
        }
        let mut card = CardInput::new(SecretText::new(String::new()));
        let (mut aliases, mut tags) = (Vec::new(), Vec::new());
        let mut metadata = BTreeMap::new();
        for (column, field) in self.0.iter().zip(&record) {
            let field = std::str::from_utf8(field);
            let field =
                field.map_err(|_| LineRefusal::invalid("the field is not UTF-8").at(&column.name()))?.trim();
            if field.is_empty() {
                continue;
            }
            let refused = |detail: &'static str| LineRefusal::invalid(detail).at(&column.name());
            match column {
                Column::Number => card.number = SecretText::new(field.to_owned()),
                Column::Holder => card.holder = Some(SecretText::new(field.to_owned())),
                Column::ExpMonth => {
                    card.exp_month = Some(field.parse().map_err(|_| refused("exp_month must be 1 to 12"))?);
                }
                Column::ExpYear => {
                    let year =
                        field.parse().map_err(|_| refused("exp_year must be four digits, 2000 to 2099"))?;
                    card.exp_year = Some(year);
                }
                Column::Aliases => aliases = names(column, field, Alias::parse)?,
                Column::Tags => tags = names(column, field, Tag::parse)?,
                Column::Metadata(name) => {
                    metadata.insert(name.clone(), field.to_owned());
                }
            }
        }
        let metadata =
            Metadata::new(metadata).map_err(|detail| LineRefusal::invalid(detail).at("metadata"))?;
        Ok(CardLine { card, metadata, aliases, tags })
    }
}

impl Column {
    fn name(&self) -> String {
        match self {
            Self::Number => "number".to_owned(),
            Self::ExpMonth => "exp_month".to_owned(),
            Self::ExpYear => "exp_year".to_owned(),
            Self::Holder => "holder".to_owned(),
            Self::Aliases => "aliases".to_owned(),
            Self::Tags => "tags".to_owned(),
            Self::Metadata(name) => format!("metadata.{name}"),
        }
    }
}

/// Names in one field, with spaces between: none of them has one.
fn names<T, E: ToString>(
    column: &Column,
    field: &str,
    parse: fn(&str) -> Result<T, E>,
) -> Result<Vec<Text<T>>, LineRefusal> {
    let name = |name| {
        let parsed = parse(name).map(Text);
        parsed.map_err(|error| LineRefusal::invalid(error.to_string()).at(&column.name()))
    };
    field.split_whitespace().map(name).collect()
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
        Columns::of_header(header.as_bytes()).unwrap()
    }

    #[test]
    fn columns_may_stand_in_any_order() {
        let columns = columns("\u{feff}holder,metadata.order,number,exp_year,exp_month");
        let line = r#""Other, ""A"" N",42,4111-1111-1111-1111,2030,12"#;
        let CardLine { card, metadata, .. } = columns.read(line.as_bytes()).ok().unwrap();
        assert!(card.number.secret().ct_eq(b"4111-1111-1111-1111"));
        assert!(card.holder.unwrap().secret().ct_eq(br#"Other, "A" N"#));
        assert_eq!((card.exp_month, card.exp_year), (Some(12), Some(2030)));
        assert_eq!(metadata.pairs().collect::<Vec<_>>(), [("order", "42")]);
    }

    #[test]
    fn what_is_empty_is_absent() {
        let columns = columns("number,exp_month,exp_year,holder,metadata.order");
        let CardLine { card, metadata, .. } = columns.read(b"4111111111111111,,, ,").ok().unwrap();
        assert!(card.exp_month.is_none() && card.exp_year.is_none() && card.holder.is_none());
        assert!(metadata.is_empty());
    }

    #[test]
    fn names_and_labels_have_spaces_between() {
        let columns = columns("aliases,number,tags");
        let line = columns.read(b"oldvendor:7 customer-42/card-1,4111111111111111,a b").ok().unwrap();
        assert_eq!(
            line.aliases.iter().map(|alias| alias.as_str()).collect::<Vec<_>>(),
            ["oldvendor:7", "customer-42/card-1"]
        );
        assert_eq!(line.tags.len(), 2);
        for (refused, column) in [
            (&b"4111111111111111,4111111111111111,"[..], "aliases"),
            (b"a//b,4111111111111111,", "aliases"),
            (b",4111111111111111,a/b", "tags"),
        ] {
            let refusal = columns.read(refused).err().unwrap();
            assert_eq!(refusal.column.as_deref(), Some(column));
            assert!(!refusal.detail.contains("411"), "{}", refusal.detail);
        }
    }

    #[test]
    fn names_come_back() {
        let names = ["holder", "aliases", "metadata.order", "number", "tags"];
        let columns = Columns::named(&names).unwrap();
        assert_eq!(columns.names().collect::<Vec<_>>(), names);
        assert_eq!(columns, self::columns("holder,aliases,metadata.order,number,tags"));
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
            let detail = Columns::of_header(header.as_bytes()).unwrap_err().detail;
            assert!(!detail.contains("4111"), "{detail}");
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
            let refusal = columns.read(line).err().unwrap();
            assert!(!refusal.detail.contains("411"), "{}", refusal.detail);
        }
    }
}
