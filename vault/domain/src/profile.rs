//! Token profiles: what a tenant's tokens look like and how long they live.

use std::time::Duration;

use crate::key::named;
use crate::{LuhnRule, Pan, ProfileName, ScopeName};

named!(
    /// The outward shape of a token.
    TokenFormat {
        /// `tok_` and 32 characters: the format `token_v1`.
        Opaque = "opaque",
        /// As many digits as the card number: the format `pan_token_v1`.
        Card = "card",
    }
);

named!(
    /// Which digits of the card number a card-shaped token keeps: first and last.
    KeptDigits {
        /// First six, last four.
        SixFour = "6/4",
        /// First four, last four.
        FourFour = "4/4",
        /// Last four.
        ZeroFour = "0/4",
    }
);

impl KeptDigits {
    /// How many digits are kept at the front.
    pub const fn front(self) -> usize {
        match self {
            Self::SixFour => 6,
            Self::FourFour => 4,
            Self::ZeroFour => 0,
        }
    }

    /// How many digits are kept at the end.
    pub const fn back(self) -> usize {
        4
    }
}

named!(
    /// Which digits of a card number stand readable beside a token.
    ShownDigits {
        /// First six, last four, and the card scheme: all that may be shown (PCI DSS 3.4.1).
        SixFour = "6/4",
        /// Last four and the card scheme.
        ZeroFour = "0/4",
        /// None, and not the card scheme either.
        None = "none",
    }
);

impl ShownDigits {
    /// How many digits are shown at the front.
    pub const fn front(self) -> usize {
        match self {
            Self::SixFour => 6,
            Self::ZeroFour | Self::None => 0,
        }
    }

    /// How many digits are shown at the end.
    pub const fn back(self) -> usize {
        match self {
            Self::SixFour | Self::ZeroFour => 4,
            Self::None => 0,
        }
    }
}

named!(
    /// How a card-shaped token is kept apart from every card number.
    LuhnStyle {
        /// Its check digit is wrong.
        Invalid = "invalid",
        /// Its check digit is right and it begins with 9, a range no card scheme issues from.
        PrivatePrefix = "private-prefix",
    }
);

named!(
    /// Whether the same value gives the same token.
    Reuse {
        /// A new token each time.
        Random = "random",
        /// The same token each time, within the scope.
        Deterministic = "deterministic",
    }
);

/// Why a profile was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenProfileError {
    /// A private prefix would overwrite a kept first digit.
    #[error("luhn private-prefix replaces the first digit, so it needs keep 0/4")]
    PrefixAgainstKeptDigits,
    /// `keep` and `luhn` say nothing about an opaque token.
    #[error("keep and luhn belong to the card format only")]
    NotCardFormat,
    /// A token used once cannot stand for the same card each time.
    #[error("a deterministic profile cannot be single_use")]
    DeterministicSingleUse,
    /// There is nothing to reveal from a one-way token, so nothing to reveal once.
    #[error("a profile that is not reversible cannot be single_use")]
    OneWaySingleUse,
    /// Out of range.
    #[error("ttl_seconds must be 1 to 3153600000 (100 years)")]
    TimeToLive,
    /// No card number is so long or so short.
    #[error("min_card_digits must be 12 to 19")]
    CardDigits,
}

/// A token profile. Its parts are settled when it is made and never change, since tokens out there rely on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenProfile {
    /// Its name, unique in the tenant.
    pub name: ProfileName,
    /// The outward shape.
    pub format: TokenFormat,
    /// For card-shaped tokens: the digits that stay.
    pub keep: KeptDigits,
    /// For card-shaped tokens: how they differ from card numbers.
    pub luhn: LuhnStyle,
    /// The digits of a card number that stand readable beside the token.
    pub show: ShownDigits,
    /// The fewest digits of a card number that it takes.
    pub min_card_digits: u8,
    /// Whether equal values share a token.
    pub reuse: Reuse,
    /// Inside which values are recognised as equal; `None` is the whole tenant.
    pub scope: Option<ScopeName>,
    /// How long a token lives, unless the request asks for less.
    pub ttl: Option<Duration>,
    /// Whether revealing the full value uses the token up, unless the request asks for it anyway.
    pub single_use: bool,
    /// Whether the value can come back at all. If not, it is not stored.
    pub reversible: bool,
    /// Whether the card number's check digit must be right.
    pub card_check_digit: LuhnRule,
}

impl TokenProfile {
    /// The longest time to live that can be asked for.
    pub const MAX_TTL: Duration = Duration::from_secs(3_153_600_000);

    /// The profile every tenant begins with: opaque, random, reversible, without end.
    pub const fn standard(name: ProfileName) -> Self {
        Self {
            name,
            format: TokenFormat::Opaque,
            keep: KeptDigits::SixFour,
            luhn: LuhnStyle::Invalid,
            show: ShownDigits::SixFour,
            min_card_digits: Pan::MIN_LENGTH as u8,
            reuse: Reuse::Random,
            scope: None,
            ttl: None,
            single_use: false,
            reversible: true,
            card_check_digit: LuhnRule::Required,
        }
    }

    /// Checks that the parts go together.
    pub fn validate(&self) -> Result<(), TokenProfileError> {
        let prefixed = self.luhn == LuhnStyle::PrivatePrefix;
        if self.format == TokenFormat::Card && prefixed && self.keep.front() > 0 {
            return Err(TokenProfileError::PrefixAgainstKeptDigits);
        }
        if self.format == TokenFormat::Opaque && prefixed {
            return Err(TokenProfileError::NotCardFormat);
        }
        if self.reuse == Reuse::Deterministic && self.single_use {
            return Err(TokenProfileError::DeterministicSingleUse);
        }
        if !self.reversible && self.single_use {
            return Err(TokenProfileError::OneWaySingleUse);
        }
        if self.ttl.is_some_and(|ttl| ttl < Duration::from_secs(1) || ttl > Self::MAX_TTL) {
            return Err(TokenProfileError::TimeToLive);
        }
        if !(Pan::MIN_LENGTH..=Pan::MAX_LENGTH).contains(&usize::from(self.min_card_digits)) {
            return Err(TokenProfileError::CardDigits);
        }
        Ok(())
    }

    /// The scope's name as it enters fingerprints; the whole tenant has the empty name, which no scope can have.
    pub fn scope_name(&self) -> &str {
        self.scope.as_ref().map_or("", ScopeName::as_str)
    }
}
