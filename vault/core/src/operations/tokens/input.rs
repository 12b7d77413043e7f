//! Values as they were sent, and how they are read.

use strongroom_domain::{
    BankAccount, Card, CountryCode, Expiry, FreeText, Holder, Iban, IdentityNumber, LuhnRule, Pan, PanError,
    Secret, TokenProfile, Value,
};

use super::encrypted_card::open_encrypted_card;
use crate::VaultError;
use crate::registry::{Snapshot, TenantState};
use crate::vault::Core;

/// A value as it was sent.
pub enum ValueInput {
    /// A payment card.
    Card(CardInput),
    /// A payment card that a client encrypted for the vault (`jwe`).
    EncryptedCard(Secret<String>),
    /// A bank account.
    BankAccount {
        /// Letters, digits and spaces.
        iban: Secret<String>,
        /// Whose it is.
        holder: Option<Secret<String>>,
    },
    /// A number that a state knows a person by.
    IdentityNumber {
        /// Letters, digits and what people write between them.
        number: Secret<String>,
        /// Whose number it is.
        country: Option<CountryCode>,
    },
    /// Any text.
    Text(Secret<String>),
}

/// A card as it was sent. Which rule its number must keep, the profile says.
pub struct CardInput {
    /// Digits, spaces and dashes.
    pub number: Secret<String>,
    /// When it expires.
    pub expiry: Option<Expiry>,
    /// Whose it is.
    pub holder: Option<Secret<String>>,
}

/// A value as it was read.
pub(super) struct Parsed {
    pub(super) value: Value,
    /// What a client encrypted with its card. It goes a way of its own from here.
    pub(super) security_code: Option<Secret<String>>,
}

impl From<Value> for Parsed {
    fn from(value: Value) -> Self {
        Self { value, security_code: None }
    }
}

impl ValueInput {
    /// Reads the value, a card number by the rules of this profile.
    pub(super) async fn parse(
        &self,
        core: &Core,
        snapshot: &Snapshot,
        state: &TenantState,
        profile: &TokenProfile,
    ) -> Result<Parsed, VaultError> {
        let value = match self {
            Self::Card(card) => parse_card(card, profile)?,
            Self::EncryptedCard(sent) => {
                let (card, security_code) = open_encrypted_card(core, snapshot, state, sent).await?;
                return Ok(Parsed { value: parse_card(&card, profile)?, security_code });
            }
            Self::BankAccount { iban, holder } => Value::BankAccount(BankAccount {
                iban: Iban::parse(exposed(iban))?,
                holder: parse_holder(holder.as_ref())?,
            }),
            Self::IdentityNumber { number, country } => {
                Value::IdentityNumber(IdentityNumber::parse(exposed(number), *country)?)
            }
            Self::Text(text) => Value::Text(FreeText::parse(exposed(text).to_owned())?),
        };
        Ok(value.into())
    }

    /// The card that was taken in, whatever its check digit.
    pub(in crate::operations) fn as_card(&self) -> Result<Value, VaultError> {
        match self {
            Self::Card(card) => Ok(Value::Card(Card {
                number: parse_number(&card.number, LuhnRule::Relaxed)?,
                expiry: card.expiry,
                holder: parse_holder(card.holder.as_ref())?,
            })),
            _ => Err(VaultError::Internal("what was taken in is no card")),
        }
    }
}

fn parse_card(card: &CardInput, profile: &TokenProfile) -> Result<Value, VaultError> {
    let number = parse_number(&card.number, profile.card_check_digit)?;
    if number.len() < usize::from(profile.min_card_digits) {
        return Err(PanError::ShorterThanProfile(profile.min_card_digits).into());
    }
    Ok(Value::Card(Card { number, expiry: card.expiry, holder: parse_holder(card.holder.as_ref())? }))
}

fn parse_number(number: &Secret<String>, rule: LuhnRule) -> Result<Pan, VaultError> {
    let number = exposed(number);
    if strongroom_domain::Token::parse(number).is_ok_and(|token| token.is_opaque()) {
        return Err(VaultError::CardNumberIsToken);
    }
    Ok(Pan::parse(number, rule)?)
}

fn parse_holder(holder: Option<&Secret<String>>) -> Result<Option<Holder>, VaultError> {
    Ok(holder.map(|holder| Holder::parse(exposed(holder).to_owned())).transpose()?)
}

#[expect(clippy::disallowed_methods, reason = "parsed into the types that keep it secret")]
fn exposed(text: &Secret<String>) -> &str {
    text.expose()
}
