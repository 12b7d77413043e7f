//! A card as a JSON object on a line.

use serde::Deserialize;
use strongroom_api::tokens::{CardInput, Metadata};
use strongroom_api::{AliasText, SecretText, TagText, parse_request};

use super::LineInput;
use super::outcome::LineError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardLine {
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

/// Reads it with the reader of the API, whose refusals repeat nothing of what was there.
pub(super) fn parse(number: u64, text: &[u8]) -> Result<LineInput, LineError> {
    let line: CardLine = parse_request(text).map_err(|error| LineError {
        line: number,
        code: error.code().as_str().into(),
        detail: error.detail().to_owned(),
    })?;
    let card = CardInput {
        number: line.number,
        exp_month: line.exp_month,
        exp_year: line.exp_year,
        holder: line.holder,
    };
    Ok(LineInput { card, metadata: line.metadata, aliases: line.aliases, tags: line.tags })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_all_there_can_be() {
        let text = r#"{"number":"4111 1111 1111 1111","exp_month":12,"exp_year":2030,"holder":"A N Other","metadata":{"order":"42"}}"#;
        let LineInput { card, metadata, .. } = parse(1, text.as_bytes()).unwrap();
        assert!(card.number.secret().ct_eq(b"4111 1111 1111 1111"));
        assert_eq!((card.exp_month, card.exp_year), (Some(12), Some(2030)));
        assert!(card.holder.unwrap().secret().ct_eq(b"A N Other"));
        assert_eq!(metadata.pairs().collect::<Vec<_>>(), [("order", "42")]);
        assert!(parse(1, br#"{"number":"4111111111111111"}"#).is_ok());
    }

    #[test]
    fn refusals_name_the_line_and_repeat_nothing() {
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
            let error = parse(7, text.as_bytes()).err().unwrap();
            assert_eq!(error.line, 7);
            assert!(!error.detail.contains("411") && !error.code.contains("411"), "{}", error.detail);
        }
    }
}
