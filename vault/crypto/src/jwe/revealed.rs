//! A token's value as the vault encrypts it for a caller: the plaintext of a JWE that stands for a value.

use serde::Serialize;
use strongroom_domain::{Secret, Token, Value};

/// The member is named after the kind of value, as in an answer in clear.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Content<'a> {
    Card {
        number: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        exp_month: Option<u8>,
        #[serde(skip_serializing_if = "Option::is_none")]
        exp_year: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        holder: Option<&'a str>,
    },
    BankAccount {
        iban: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        holder: Option<&'a str>,
    },
    IdentityNumber {
        number: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        country: Option<String>,
    },
    Text(&'a str),
}

/// All of it. The token stands beside the value, so that one answer cannot be taken for another's.
#[derive(Serialize)]
struct Plaintext<'a> {
    token: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(flatten)]
    content: Content<'a>,
}

/// A value could not be written. None that the vault keeps is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value could not be written")]
pub struct UnwritableValue;

/// The plaintext that stands for the value of a token.
#[expect(clippy::disallowed_methods, reason = "becomes the plaintext, which is a secret again")]
pub fn value_plaintext(token: &Token, value: &Value) -> Result<Secret<Vec<u8>>, UnwritableValue> {
    let content = match value {
        Value::Card(card) => Content::Card {
            number: std::str::from_utf8(card.number.expose_digits()).map_err(|_| UnwritableValue)?,
            exp_month: card.expiry.map(|expiry| expiry.month()),
            exp_year: card.expiry.map(|expiry| expiry.year()),
            holder: card.holder.as_ref().map(|holder| holder.secret().expose().as_str()),
        },
        Value::BankAccount(account) => Content::BankAccount {
            iban: account.iban.secret().expose(),
            holder: account.holder.as_ref().map(|holder| holder.secret().expose().as_str()),
        },
        Value::IdentityNumber(number) => Content::IdentityNumber {
            number: number.secret().expose(),
            country: number.country.map(|country| country.to_string()),
        },
        Value::Text(text) => Content::Text(text.secret().expose()),
    };
    let plaintext = Plaintext { token: token.as_str(), kind: value.kind().as_str(), content };
    // Room for the longest value with every character escaped: a buffer that grows leaves copies behind.
    Secret::build(Vec::with_capacity(LONGEST), |bytes| {
        serde_json::to_writer(bytes, &plaintext).map_err(|_| UnwritableValue)
    })
}

const LONGEST: usize = 512 + 6 * strongroom_domain::FreeText::LONGEST;
