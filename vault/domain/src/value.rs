//! What a token can stand for, and what of it may be known without the right to read it.

use crate::key::named;
use crate::{
    BankAccount, Bin, Brand, Card, CountryCode, Expiry, FreeText, IbanEnding, IdentityNumber, LastFour,
};

named!(
    /// What kind of value a token stands for.
    ValueKind {
        /// A payment card.
        Card = "card",
        /// A bank account, by its IBAN (ISO 13616).
        BankAccount = "bank-account",
        /// A number that a state knows a person by.
        IdentityNumber = "identity-number",
        /// Any text.
        Text = "text",
    }
);

/// A value. Secret.
pub enum Value {
    /// A payment card.
    Card(Card),
    /// A bank account.
    BankAccount(BankAccount),
    /// A number that a state knows a person by.
    IdentityNumber(IdentityNumber),
    /// Any text.
    Text(FreeText),
}

/// What may be known of a value: it stands in clear beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Of a card (PCI DSS 3.4.1).
    Card {
        /// Card scheme.
        brand: Brand,
        /// First six digits.
        bin: Bin,
        /// Last four digits.
        last_four: LastFour,
        /// When the card expires.
        expiry: Option<Expiry>,
    },
    /// Of a bank account.
    BankAccount {
        /// Where it is.
        country: CountryCode,
        /// The last four characters of its IBAN.
        ending: IbanEnding,
    },
    /// Of an identity number.
    IdentityNumber {
        /// Whose number it is, if that was given.
        country: Option<CountryCode>,
    },
    /// Of a text: nothing.
    Text,
}

impl Value {
    /// What kind it is.
    pub const fn kind(&self) -> ValueKind {
        match self {
            Self::Card(_) => ValueKind::Card,
            Self::BankAccount(_) => ValueKind::BankAccount,
            Self::IdentityNumber(_) => ValueKind::IdentityNumber,
            Self::Text(_) => ValueKind::Text,
        }
    }

    /// What may be known of it.
    pub fn shown(&self) -> Shown {
        match self {
            Self::Card(card) => Shown::Card {
                brand: card.number.brand(),
                bin: card.number.bin(),
                last_four: card.number.last_four(),
                expiry: card.expiry,
            },
            Self::BankAccount(account) => {
                Shown::BankAccount { country: account.iban.country(), ending: account.iban.ending() }
            }
            Self::IdentityNumber(number) => Shown::IdentityNumber { country: number.country },
            Self::Text(_) => Shown::Text,
        }
    }

    /// What equal values have in common: by this they are found again, within their kind.
    #[expect(clippy::disallowed_methods, reason = "enters a keyed hash and goes nowhere else")]
    pub fn identity(&self) -> &[u8] {
        match self {
            Self::Card(card) => card.number.expose_digits(),
            Self::BankAccount(account) => account.iban.secret().expose().as_bytes(),
            Self::IdentityNumber(number) => number.secret().expose().as_bytes(),
            Self::Text(text) => text.secret().expose().as_bytes(),
        }
    }
}

impl Shown {
    /// What kind of value it is of.
    pub const fn kind(&self) -> ValueKind {
        match self {
            Self::Card { .. } => ValueKind::Card,
            Self::BankAccount { .. } => ValueKind::BankAccount,
            Self::IdentityNumber { .. } => ValueKind::IdentityNumber,
            Self::Text => ValueKind::Text,
        }
    }
}
