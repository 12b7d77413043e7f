//! `POST /v1/tokens` and `POST /v1/tokens/batch`.

use serde::{Deserialize, Serialize};
use strongroom_domain::{CardError, Expiry, ValueKind};
use utoipa::ToSchema;

use super::kinds::ValueFields;
use super::{BankAccountInput, IdentityNumberInput, Metadata, TokenValue, TokenView, ValueFieldError};
use crate::list::bounded_items;
use crate::{AliasText, Problem, ProfileNameText, SecretText, TagText, Text, ValueKindText};

/// The profile of a token whose request names none.
pub const DEFAULT_PROFILE: &str = "default";

/// A value to be turned into a token.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What kind of value it is.
    #[serde(rename = "type")]
    pub value_type: ValueKindText,
    /// The card, if that is the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardInput>,
    /// A card that a client encrypted for the vault, in place of `card`: a JWE (RFC 7516, ECDH-ES and A256GCM) to one of the
    /// tenant's keys for client encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_card: Option<SecretText>,
    /// The bank account, if that is the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<BankAccountInput>,
    /// The identity number, if that is the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<IdentityNumberInput>,
    /// The text, if that is the type: 1 to 4096 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<SecretText>,
    /// The token profile; `default` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileNameText>,
    /// How long the token lives. May be shorter than the profile says, not longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub ttl_seconds: Option<u64>,
    /// Whether revealing the full value uses the token up; as the profile says if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_use: Option<bool>,
    /// How often the full value may be revealed; as the profile says if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub max_uses: Option<u32>,
    /// The card's security code, to be kept beside the token until the payment is authorised: three digits, four on American
    /// Express cards. With `encrypted_card` it may be encrypted too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_code: Option<SecretText>,
    /// After how many seconds the security code is gone in any case; 900 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3600)]
    pub security_code_ttl_seconds: Option<u64>,
    /// What the caller wants to find with the token again.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
    /// Other names for it: the caller's own, or the token that the value had in another vault. Where a token may stand, an
    /// alias may, behind `alias:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub aliases: Vec<AliasText>,
    /// Labels to find it by, with others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 16)]
    pub tags: Vec<TagText>,
}

/// A card. Its security code stands beside it, not in it: it is never kept with the card.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardInput {
    /// The card number: 12 to 19 digits, with spaces and dashes between them as people write it.
    pub number: SecretText,
    /// The month it expires, with `exp_year`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 12)]
    pub exp_month: Option<u8>,
    /// The year it expires, with `exp_month`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 2000, maximum = 2099)]
    pub exp_year: Option<u16>,
    /// The name on the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<SecretText>,
}

/// Why an expiry was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    /// Half of it is missing.
    #[error("exp_month and exp_year belong together: give both or none")]
    Incomplete,
    /// Out of range.
    #[error(transparent)]
    Range(#[from] CardError),
}

impl CardInput {
    /// A card of which only the number is known.
    pub const fn new(number: SecretText) -> Self {
        Self { number, exp_month: None, exp_year: None, holder: None }
    }

    /// When the card expires, if that was given.
    pub fn expiry(&self) -> Result<Option<Expiry>, ExpiryError> {
        match (self.exp_month, self.exp_year) {
            (None, None) => Ok(None),
            (Some(month), Some(year)) => Ok(Some(Expiry::new(month, year)?)),
            (Some(_), None) | (None, Some(_)) => Err(ExpiryError::Incomplete),
        }
    }
}

impl CreateToken {
    /// A token for this value by the default profile.
    pub fn of(value: TokenValue) -> Self {
        let mut request = Self {
            value_type: Text(ValueKind::Card),
            card: None,
            encrypted_card: None,
            bank_account: None,
            identity_number: None,
            text: None,
            profile: None,
            ttl_seconds: None,
            single_use: None,
            max_uses: None,
            security_code: None,
            security_code_ttl_seconds: None,
            metadata: Metadata::default(),
            aliases: Vec::new(),
            tags: Vec::new(),
        };
        match value {
            TokenValue::Card(card) => request.card = Some(card),
            TokenValue::EncryptedCard(jwe) => request.encrypted_card = Some(jwe),
            TokenValue::BankAccount(account) => {
                request.value_type = Text(ValueKind::BankAccount);
                request.bank_account = Some(account);
            }
            TokenValue::IdentityNumber(number) => {
                request.value_type = Text(ValueKind::IdentityNumber);
                request.identity_number = Some(number);
            }
            TokenValue::Text(text) => {
                request.value_type = Text(ValueKind::Text);
                request.text = Some(text);
            }
        }
        request
    }

    /// A token for this card by the default profile.
    pub fn card(card: CardInput) -> Self {
        Self::of(TokenValue::Card(card))
    }

    /// Takes the value out.
    pub fn take_value(&mut self) -> Result<TokenValue, ValueFieldError> {
        ValueFields {
            value_type: self.value_type,
            card: self.card.take(),
            encrypted_card: self.encrypted_card.take(),
            bank_account: self.bank_account.take(),
            identity_number: self.identity_number.take(),
            text: self.text.take(),
        }
        .value()
    }
}

/// Values to be turned into tokens, each on its own: what fails for one is done for the others.
///
/// A body that does not have this shape is refused as a whole; a value that a rule refuses, alone.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTokens {
    /// 1 to 1,000 of them.
    #[serde(deserialize_with = "bounded_items")]
    #[schema(min_items = 1, max_items = 1000)]
    pub items: Vec<CreateToken>,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedToken {
    /// 201, 200 if a deterministic profile found its token, or the status of the problem.
    pub status: u16,
    /// The token, if it was made or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenView>,
    /// What was wrong, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl CreatedToken {
    /// It was made (201), or found (200).
    pub const fn done(status: u16, token: TokenView) -> Self {
        Self { status, token: Some(token), error: None }
    }

    /// It was refused.
    pub const fn refused(problem: Problem) -> Self {
        Self { status: problem.status, token: None, error: Some(problem) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_whole_or_absent() {
        let mut card = CardInput::new(SecretText::new(String::new()));
        assert_eq!(card.expiry(), Ok(None));
        card.exp_month = Some(12);
        assert_eq!(card.expiry(), Err(ExpiryError::Incomplete));
        card.exp_year = Some(2030);
        assert_eq!(card.expiry(), Ok(Expiry::new(12, 2030).ok()));
        card.exp_month = Some(13);
        assert_eq!(card.expiry(), Err(ExpiryError::Range(CardError::Month)));
    }
}
