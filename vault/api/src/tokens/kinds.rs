//! What tokens can stand for, as it is sent and as it comes back.

use serde::{Deserialize, Serialize};
use strongroom_domain::ValueKind;
use utoipa::ToSchema;

use super::CardInput;
use crate::{CountryCodeText, SecretText, ValueKindText};

/// A bank account.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankAccountInput {
    /// The IBAN (ISO 13616): letters and digits, with spaces between them as people write it.
    pub iban: SecretText,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<SecretText>,
}

/// A number that a state knows a person by.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityNumberInput {
    /// The number: 4 to 32 letters and digits, with spaces, dashes, dots and slashes between them.
    pub number: SecretText,
    /// Whose number it is. Where the country's numbers have a check digit that the vault knows (CN), it must be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCodeText>,
}

/// A value, of one kind.
pub enum TokenValue {
    /// A payment card.
    Card(CardInput),
    /// A payment card that a client encrypted for the vault: a JWE.
    EncryptedCard(SecretText),
    /// A bank account.
    BankAccount(BankAccountInput),
    /// A number that a state knows a person by.
    IdentityNumber(IdentityNumberInput),
    /// Any text.
    Text(SecretText),
}

/// The fields that may hold a value: the one that belongs to the type, and no other.
pub(super) struct ValueFields {
    pub(super) value_type: ValueKindText,
    pub(super) card: Option<CardInput>,
    pub(super) encrypted_card: Option<SecretText>,
    pub(super) bank_account: Option<BankAccountInput>,
    pub(super) identity_number: Option<IdentityNumberInput>,
    pub(super) text: Option<SecretText>,
}

/// The value's field is missing, or there is one that does not belong to the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the type and the value belong together: card or encrypted_card, bank_account, identity_number or text, and only that one"
)]
pub struct ValueFieldError;

impl ValueFields {
    pub(super) fn value(self) -> Result<TokenValue, ValueFieldError> {
        let Self { value_type, card, encrypted_card, bank_account, identity_number, text } = self;
        let value = match (value_type.0, card, encrypted_card, bank_account, identity_number, text) {
            (ValueKind::Card, Some(card), None, None, None, None) => TokenValue::Card(card),
            (ValueKind::Card, None, Some(jwe), None, None, None) => TokenValue::EncryptedCard(jwe),
            (ValueKind::BankAccount, None, None, Some(account), None, None) => {
                TokenValue::BankAccount(account)
            }
            (ValueKind::IdentityNumber, None, None, None, Some(number), None) => {
                TokenValue::IdentityNumber(number)
            }
            (ValueKind::Text, None, None, None, None, Some(text)) => TokenValue::Text(text),
            _ => return Err(ValueFieldError),
        };
        Ok(value)
    }
}

/// What may be shown of a bank account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankAccountView {
    /// Where it is.
    pub country: CountryCodeText,
    /// The last four characters of its IBAN.
    pub last4: String,
}

/// What may be shown of an identity number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentityNumberView {
    /// Whose number it is, if that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCodeText>,
}

/// A bank account, with as much of its IBAN as was asked for.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RevealedBankAccount {
    /// The IBAN, in full or with stars between its first and last four characters.
    pub iban: SecretText,
    /// Whose it is; with the full IBAN only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<SecretText>,
}

/// An identity number, with as much of it as was asked for.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RevealedIdentityNumber {
    /// The number, in full or its last two characters behind stars.
    pub number: SecretText,
    /// Whose number it is, if that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCodeText>,
}
