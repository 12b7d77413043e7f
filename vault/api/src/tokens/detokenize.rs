//! `POST /v1/tokens/{token}/detokenize` and `POST /v1/tokens/detokenize`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PresentedToken, RevealedBankAccount, RevealedIdentityNumber};
use crate::list::bounded_items;
use crate::{EncryptToText, Problem, PurposeText, RevealText, SecretText, TokenText, ValueKindText};

/// Asks for the value of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetokenizeToken {
    /// What for; goes into the record.
    pub purpose: PurposeText,
    /// How much of it.
    pub reveal: RevealText,
    /// To which of the caller's encryption keys, if the value is to leave encrypted; with `reveal` `full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypt_to: Option<EncryptToText>,
}

/// Asks for the values of many tokens, each on its own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetokenizeTokens {
    /// What for; goes into the record.
    pub purpose: PurposeText,
    /// How much of them.
    pub reveal: RevealText,
    /// To which of the caller's encryption keys, if the values are to leave encrypted; with `reveal` `full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypt_to: Option<EncryptToText>,
    /// 1 to 1,000 tokens, each as itself or as `alias:` and one of its aliases.
    #[serde(deserialize_with = "bounded_items")]
    #[schema(min_items = 1, max_items = 1000)]
    pub items: Vec<PresentedToken>,
}

/// The value of a token.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DetokenizedToken {
    /// The token.
    pub token: TokenText,
    /// What kind of value it stands for.
    #[serde(rename = "type")]
    pub value_type: ValueKindText,
    /// The card, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<RevealedCard>,
    /// The bank account, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<RevealedBankAccount>,
    /// The identity number, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<RevealedIdentityNumber>,
    /// The text, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<SecretText>,
    /// In place of the value: a JWE (RFC 7516, ECDH-ES and A256GCM) to the caller's key, whose plaintext is this very answer with
    /// the value in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_value: Option<String>,
}

/// A card, with as much of its number as was asked for.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RevealedCard {
    /// The number, in full or as first six and last four digits with stars between.
    pub number: SecretText,
    /// The month it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_month: Option<u8>,
    /// The year it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_year: Option<u16>,
    /// The name on the card; with the full number only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<SecretText>,
}

/// What became of one item.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DetokenizedItem {
    /// 200, or the status of the problem.
    pub status: u16,
    /// The token, if its value is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenText>,
    /// What kind of value it stands for.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub value_type: Option<ValueKindText>,
    /// The card, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<RevealedCard>,
    /// The bank account, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<RevealedBankAccount>,
    /// The identity number, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<RevealedIdentityNumber>,
    /// The text, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<SecretText>,
    /// In place of the value: a JWE (RFC 7516, ECDH-ES and A256GCM) to the caller's key, whose plaintext is the token, the type and
    /// the value as they would stand here in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_value: Option<String>,
    /// What was wrong, if the value is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl DetokenizedItem {
    /// The value is here.
    pub fn done(value: DetokenizedToken) -> Self {
        let DetokenizedToken {
            token,
            value_type,
            card,
            bank_account,
            identity_number,
            text,
            encrypted_value,
        } = value;
        Self {
            status: 200,
            token: Some(token),
            value_type: Some(value_type),
            card,
            bank_account,
            identity_number,
            text,
            encrypted_value,
            error: None,
        }
    }

    /// It was refused.
    pub const fn refused(problem: Problem) -> Self {
        Self {
            status: problem.status,
            token: None,
            value_type: None,
            card: None,
            bank_account: None,
            identity_number: None,
            text: None,
            encrypted_value: None,
            error: Some(problem),
        }
    }
}
