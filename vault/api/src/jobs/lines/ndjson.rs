//! A card as a JSON object on a line.

use serde::Deserialize;

use super::{CardLine, LineRefusal};
use crate::tokens::{CardInput, Metadata};
use crate::{AliasText, SecretText, TagText, parse_request};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    number: SecretText,
    #[serde(default)]
    exp_month: Option<u8>,
    #[serde(default)]
    exp_year: Option<u16>,
    #[serde(default)]
    holder: Option<SecretText>,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    aliases: Vec<AliasText>,
    #[serde(default)]
    tags: Vec<TagText>,
}

/// Reads it with the reader of requests, whose refusals repeat nothing of what was there.
pub(super) fn read(text: &[u8]) -> Result<CardLine, LineRefusal> {
    let line: Line = parse_request(text).map_err(|error| {
        // The line's only value is the object, so a pointer into it is a column.
        let column = error.pointer().and_then(|pointer| pointer.strip_prefix('/')).map(str::to_owned);
        LineRefusal { code: error.code(), detail: error.detail().to_owned(), column }
    })?;
    let Line { number, exp_month, exp_year, holder, metadata, aliases, tags } = line;
    Ok(CardLine { card: CardInput { number, exp_month, exp_year, holder }, metadata, aliases, tags })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_all_there_can_be() {
        let text = r#"{"number":"4111 1111 1111 1111","exp_month":12,"exp_year":2030,"holder":"A N Other","metadata":{"order":"42"}}"#;
        let CardLine { card, metadata, .. } = read(text.as_bytes()).ok().unwrap();
        assert!(card.number.secret().ct_eq(b"4111 1111 1111 1111"));
        assert_eq!((card.exp_month, card.exp_year), (Some(12), Some(2030)));
        assert!(card.holder.unwrap().secret().ct_eq(b"A N Other"));
        assert_eq!(metadata.pairs().collect::<Vec<_>>(), [("order", "42")]);
        assert!(read(br#"{"number":"4111111111111111"}"#).is_ok());
    }

    #[test]
    fn refusals_repeat_nothing() {
        for text in [
            r#"{"number":4111111111111111}"#,
            r#"{"number":"4111111111111111","expiry":"12/30"}"#,
            r#"{"number":"4111111111111111","cvc":"411"}"#,
            r#"{"number":"4111111111111111""#,
            r#"["4111111111111111"]"#,
            r#"{"4111111111111111":1}"#,
            r#"{"number":"4111111111111111","exp_month":4111}"#,
            "4111111111111111",
        ] {
            let LineRefusal { detail, column, .. } = read(text.as_bytes()).err().unwrap();
            assert!(!detail.contains("411"), "{detail}");
            assert!(column.is_none_or(|column| !column.contains("411")), "{detail}");
        }
    }
}
