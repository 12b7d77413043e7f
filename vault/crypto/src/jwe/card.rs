//! A card as a client encrypts it: the plaintext of a JWE that stands for a card.

use serde::Deserialize;
use strongroom_domain::Secret;

/// The bytes that were encrypted are no card of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "what was encrypted is not a card: a JSON object of number and, if known, exp_month, exp_year, holder and security_code"
)]
pub struct EncryptedCardError;

/// A card as it was encrypted; none of its parts is checked yet.
pub struct EncryptedCard {
    /// Digits, spaces and dashes.
    pub number: Secret<String>,
    /// The month it expires.
    pub exp_month: Option<u8>,
    /// The year it expires.
    pub exp_year: Option<u16>,
    /// Whose it is.
    pub holder: Option<Secret<String>>,
    /// The digits that are printed and not stamped. They go a way of their own from here: a card is kept without them.
    pub security_code: Option<Secret<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    number: String,
    exp_month: Option<u8>,
    exp_year: Option<u16>,
    holder: Option<String>,
    security_code: Option<String>,
}

impl EncryptedCard {
    /// Reads the plaintext. Any other member is refused: it would be lost without a word.
    pub fn parse(plaintext: &[u8]) -> Result<Self, EncryptedCardError> {
        // The parser's own error texts repeat what they found, so none of them is kept. What it had read by then is freed, and
        // what is freed in the vault is wiped.
        let Members { number, exp_month, exp_year, holder, security_code } =
            serde_json::from_slice(plaintext).map_err(|_| EncryptedCardError)?;
        let (holder, security_code) = (holder.map(Secret::new), security_code.map(Secret::new));
        Ok(Self { number: Secret::new(number), exp_month, exp_year, holder, security_code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_read_and_nothing_else() {
        let card = br#"{"number":"4111 1111 1111 1111","exp_month":12,"exp_year":2030,"holder":"A N Other"}"#;
        let card = EncryptedCard::parse(card).unwrap_or_else(|error| panic!("{error}"));
        assert!(
            card.number.ct_eq(b"4111 1111 1111 1111")
                && card.holder.is_some_and(|name| name.ct_eq(b"A N Other"))
        );
        assert_eq!((card.exp_month, card.exp_year), (Some(12), Some(2030)));
        let bare = EncryptedCard::parse(br#"{"number":"4111111111111111"}"#).ok().unwrap();
        assert!(bare.security_code.is_none());
        let coded = br#"{"number":"4111111111111111","security_code":"123"}"#;
        let coded = EncryptedCard::parse(coded).ok().unwrap();
        assert!(coded.security_code.is_some_and(|code| code.ct_eq(b"123")));
        for refused in [
            "",
            "4111111111111111",
            "{}",
            r#"{"number":4111111111111111}"#,
            r#"{"number":"4111111111111111","security_code":123}"#,
            r#"{"number":"4111111111111111","cvc":"123"}"#,
            r#"{"number":"4111111111111111","number":"4111111111111111"}"#,
            r#"{"number":"4111111111111111"} x"#,
        ] {
            let error = EncryptedCard::parse(refused.as_bytes()).err().unwrap();
            assert!(!error.to_string().contains("4111"));
        }
    }
}
