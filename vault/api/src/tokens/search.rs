//! `POST /v1/tokens/search`.

use serde::{Deserialize, Serialize};
use strongroom_domain::ValueKind;
use utoipa::ToSchema;

use super::kinds::ValueFields;
use super::{BankAccountInput, CardInput, IdentityNumberInput, TokenValue, ValueFieldError};
use crate::{ProfileNameText, SecretText, Text, ValueKindText};

/// Asks for the tokens of a value. A POST, since a value in an address would end up in logs.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchTokens {
    /// What kind of value it is.
    #[serde(rename = "type")]
    pub value_type: ValueKindText,
    /// The card, if that is the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<SearchCard>,
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
    /// The token profile, whose scope decides what counts as equal; `default` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileNameText>,
}

impl SearchTokens {
    /// Takes the value out.
    pub fn take_value(&mut self) -> Result<TokenValue, ValueFieldError> {
        ValueFields {
            value_type: self.value_type,
            card: self.card.take().map(|card| CardInput::new(card.number)),
            encrypted_card: self.encrypted_card.take(),
            bank_account: self.bank_account.take(),
            identity_number: self.identity_number.take(),
            text: self.text.take(),
        }
        .value()
    }

    /// The tokens of this card by the default profile.
    pub const fn card(number: SecretText) -> Self {
        Self {
            value_type: Text(ValueKind::Card),
            card: Some(SearchCard { number }),
            encrypted_card: None,
            bank_account: None,
            identity_number: None,
            text: None,
            profile: None,
        }
    }
}

/// A card to look for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchCard {
    /// The card number, as in creating a token.
    pub number: SecretText,
}
