//! What a token can stand for, and what of it may be known without the right to read it.

use crate::key::named;
use crate::{
    BankAccount, Bin, Brand, Card, CountryCode, Expiry, FreeText, IbanEnding, IdentityNumber, LastFour,
    ShownDigits,
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
    /// Of a card (PCI DSS 3.4.1): as much as the token's profile shows.
    Card {
        /// Card scheme.
        brand: Option<Brand>,
        /// First six digits.
        bin: Option<Bin>,
        /// Last four digits.
        last_four: Option<LastFour>,
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

    /// What may be known of it; of a card's number, these digits.
    pub fn shown(&self, digits: ShownDigits) -> Shown {
        match self {
            Self::Card(card) => Shown::Card {
                brand: (digits != ShownDigits::None).then(|| card.number.brand()),
                bin: (digits.front() > 0).then(|| card.number.bin()),
                last_four: (digits.back() > 0).then(|| card.number.last_four()),
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
    /// The card scheme, if it is of a card and shown.
    pub const fn brand(&self) -> Option<Brand> {
        match self {
            Self::Card { brand, .. } => *brand,
            _ => None,
        }
    }

    /// The first six digits, if it is of a card and they are shown.
    pub const fn bin(&self) -> Option<Bin> {
        match self {
            Self::Card { bin, .. } => *bin,
            _ => None,
        }
    }

    /// Which digits of a card number are shown; all that may be, for other values.
    pub const fn digits(&self) -> ShownDigits {
        match self {
            Self::Card { bin: None, last_four: Some(_), .. } => ShownDigits::ZeroFour,
            Self::Card { bin: None, last_four: None, .. } => ShownDigits::None,
            _ => ShownDigits::SixFour,
        }
    }

    /// The last four digits of a card or characters of an IBAN.
    pub fn ending(&self) -> Option<IbanEnding> {
        match self {
            Self::Card { last_four, .. } => IbanEnding::parse(&last_four.as_ref()?.to_string()),
            Self::BankAccount { ending, .. } => Some(*ending),
            Self::IdentityNumber { .. } | Self::Text => None,
        }
    }

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
