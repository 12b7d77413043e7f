//! A payment card as services hand it in.

use zeroize::Zeroize;

use crate::{Pan, Secret};

/// Why the parts beside the number were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Not a month.
    #[error("exp_month must be 1 to 12")]
    Month,
    /// Not a year of this era.
    #[error("exp_year must be four digits, 2000 to 2099")]
    Year,
    /// Too long, or control characters in it.
    #[error("holder must be 1 to 128 characters without control characters")]
    Holder,
}

/// The month a card expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    month: u8,
    year: u16,
}

impl Expiry {
    /// Checks the ranges. An expiry in the past is accepted: vaults hold old cards.
    pub fn new(month: u8, year: u16) -> Result<Self, CardError> {
        if !(1..=12).contains(&month) {
            return Err(CardError::Month);
        }
        if !(2000..=2099).contains(&year) {
            return Err(CardError::Year);
        }
        Ok(Self { month, year })
    }

    /// 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// Four digits.
    pub const fn year(self) -> u16 {
        self.year
    }
}

/// The name on the card. Secret, as cardholder data.
pub struct Holder(Secret<String>);

impl Holder {
    /// Checks the length and refuses control characters, which could forge a line of a log or a file.
    pub fn parse(mut text: String) -> Result<Self, CardError> {
        let length = text.chars().count();
        if !(1..=128).contains(&length) || text.chars().any(char::is_control) {
            text.zeroize();
            return Err(CardError::Holder);
        }
        Ok(Self(Secret::new(text)))
    }

    /// The secret text.
    pub fn secret(&self) -> &Secret<String> {
        &self.0
    }
}

/// A card: the number and what belongs to it. A security code is none of it: it is never kept with a card.
pub struct Card {
    /// The number.
    pub number: Pan,
    /// When it expires, if known.
    pub expiry: Option<Expiry>,
    /// Whose it is, if known.
    pub holder: Option<Holder>,
}
