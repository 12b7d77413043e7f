//! Card numbers: the primary account number (PAN) of ISO/IEC 7812.

use std::fmt;

use zeroize::Zeroize;

use crate::{Secret, ShownDigits};

/// Whether the check digit (ISO/IEC 7812-1 annex B, "Luhn") must be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LuhnRule {
    /// It must be right.
    Required,
    /// A profile relaxed it.
    Relaxed,
}

/// Why a card number was refused. Never repeats a digit of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PanError {
    /// Something other than digits, single spaces and dashes.
    #[error("a card number holds digits, spaces and dashes only")]
    NotDigits,
    /// Too short or too long.
    #[error("a card number has 12 to 19 digits")]
    Length,
    /// The check digit is wrong.
    #[error("the check digit of the card number is wrong")]
    CheckDigit,
    /// The profile takes longer ones only.
    #[error("the token profile takes card numbers of at least {0} digits")]
    ShorterThanProfile(u8),
}

/// A primary account number: 12 to 19 digits. Secret.
pub struct Pan(Secret<Digits>);

#[derive(Zeroize)]
struct Digits {
    digits: [u8; Pan::MAX_LENGTH],
    length: usize,
}

impl Pan {
    /// Fewest digits.
    pub const MIN_LENGTH: usize = 12;
    /// Most digits.
    pub const MAX_LENGTH: usize = 19;

    /// Reads a card number as people write it: digits with spaces and dashes between them.
    pub fn parse(text: &str, rule: LuhnRule) -> Result<Self, PanError> {
        let empty = Digits { digits: [0; Self::MAX_LENGTH], length: 0 };
        let digits = Secret::build(empty, |pan| {
            for byte in text.bytes() {
                match byte {
                    b'0'..=b'9' => {
                        *pan.digits.get_mut(pan.length).ok_or(PanError::Length)? = byte;
                        pan.length += 1;
                    }
                    b' ' | b'-' => {}
                    _ => return Err(PanError::NotDigits),
                }
            }
            Ok(())
        })?;
        let pan = Self(digits);
        if pan.len() < Self::MIN_LENGTH {
            return Err(PanError::Length);
        }
        if rule == LuhnRule::Required && !luhn_is_right(pan.digits()) {
            return Err(PanError::CheckDigit);
        }
        Ok(pan)
    }

    /// How many digits. Not secret: a card-shaped token has as many.
    #[expect(clippy::disallowed_methods, reason = "the length is public; nothing else leaves")]
    pub fn len(&self) -> usize {
        self.0.expose().length
    }

    /// Never; a card number has at least twelve digits.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The ASCII digits themselves. Banned by lint like every reading of a secret.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the named, banned way to read a card number; its callers give their reasons"
    )]
    pub fn expose_digits(&self) -> &[u8] {
        let pan = self.0.expose();
        pan.digits.get(..pan.length).unwrap_or_default()
    }

    /// The issuer's part that may be shown: the first six digits (PCI DSS 3.4.1).
    pub fn bin(&self) -> Bin {
        let mut bin = [0; 6];
        for (to, from) in bin.iter_mut().zip(self.digits()) {
            *to = *from;
        }
        Bin(bin)
    }

    /// The last four digits, which may be shown (PCI DSS 3.4.1).
    pub fn last_four(&self) -> LastFour {
        let mut last = [0; 4];
        for (to, from) in last.iter_mut().rev().zip(self.digits().iter().rev()) {
            *to = *from;
        }
        LastFour(last)
    }

    /// The brand, from the issuer's range.
    pub fn brand(&self) -> Brand {
        Brand::of(self.bin())
    }

    /// The first six and last four digits with stars between: what may be displayed (PCI DSS 3.4.1).
    pub fn masked(&self) -> String {
        self.masked_to(ShownDigits::SixFour)
    }

    /// With stars in place of all digits but these.
    pub fn masked_to(&self, shown: ShownDigits) -> String {
        let stars = |count: usize| "*".repeat(count);
        let hidden = self.len().saturating_sub(shown.front() + shown.back());
        match shown {
            ShownDigits::SixFour => format!("{}{}{}", self.bin(), stars(hidden), self.last_four()),
            ShownDigits::ZeroFour => format!("{}{}", stars(hidden), self.last_four()),
            ShownDigits::None => stars(hidden),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "parsing, check digit, BIN and last four are computed here and only their public results leave"
    )]
    fn digits(&self) -> &[u8] {
        self.expose_digits()
    }
}

/// Whether the check digit of these ASCII digits is right.
pub(crate) fn luhn_is_right(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(position, digit)| {
            let value = u32::from(digit.wrapping_sub(b'0'));
            let doubled = if position % 2 == 1 { value * 2 } else { value };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

macro_rules! digits {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Reads exactly so many ASCII digits.
            pub fn parse(text: &str) -> Option<Self> {
                let digits: [u8; $length] = text.as_bytes().try_into().ok()?;
                digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
            }

            /// The ASCII digits.
            pub fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|digit| write!(formatter, "{}", char::from(*digit)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }
    };
}

digits!(
    /// The first six digits of a card number; may be stored and shown in clear.
    Bin, 6
);
digits!(
    /// The last four digits of a card number; may be stored and shown in clear.
    LastFour, 4
);

/// The card scheme, derived from the issuer's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Brand {
    /// 34, 37
    Amex,
    /// 36, 38, 39, 300–305
    Diners,
    /// 6011, 644–649, 65
    Discover,
    /// 3528–3589
    Jcb,
    /// 50, 56–58, 6 elsewhere
    Maestro,
    /// 51–55, 2221–2720
    Mastercard,
    /// 2200–2204
    Mir,
    /// 62
    Unionpay,
    /// 4
    Visa,
    /// None of the ranges above.
    Unknown,
}

impl Brand {
    /// The brand of an issuer's range.
    pub fn of(bin: Bin) -> Self {
        let six = bin.0.iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0')));
        match six {
            340_000..=349_999 | 370_000..=379_999 => Self::Amex,
            300_000..=305_999 | 360_000..=369_999 | 380_000..=399_999 => Self::Diners,
            601_100..=601_199 | 644_000..=659_999 => Self::Discover,
            352_800..=358_999 => Self::Jcb,
            510_000..=559_999 | 222_100..=272_099 => Self::Mastercard,
            220_000..=220_499 => Self::Mir,
            620_000..=629_999 => Self::Unionpay,
            400_000..=499_999 => Self::Visa,
            500_000..=509_999 | 560_000..=589_999 | 600_000..=699_999 => Self::Maestro,
            _ => Self::Unknown,
        }
    }

    /// The name in JSON, tables and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Amex => "amex",
            Self::Diners => "diners",
            Self::Discover => "discover",
            Self::Jcb => "jcb",
            Self::Maestro => "maestro",
            Self::Mastercard => "mastercard",
            Self::Mir => "mir",
            Self::Unionpay => "unionpay",
            Self::Visa => "visa",
            Self::Unknown => "unknown",
        }
    }

    /// The brand of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Amex,
            Self::Diners,
            Self::Discover,
            Self::Jcb,
            Self::Maestro,
            Self::Mastercard,
            Self::Mir,
            Self::Unionpay,
            Self::Visa,
            Self::Unknown,
        ]
        .into_iter()
        .find(|brand| brand.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_people_write() {
        for text in ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"] {
            let pan = Pan::parse(text, LuhnRule::Required).ok().map(|pan| (pan.masked(), pan.brand()));
            assert_eq!(pan, Some(("411111******1111".to_owned(), Brand::Visa)));
        }
    }

    #[test]
    fn refuses_by_reason() {
        let refusal = |text: &str| Pan::parse(text, LuhnRule::Required).err();
        assert_eq!(refusal("4111111111111112"), Some(PanError::CheckDigit));
        assert_eq!(refusal("41111111111"), Some(PanError::Length));
        assert_eq!(refusal("41111111111111111111"), Some(PanError::Length));
        assert_eq!(refusal("4111.1111.1111.1111"), Some(PanError::NotDigits));
        assert_eq!(refusal("٤١١١١١١١١١١١١١١١"), Some(PanError::NotDigits));
        assert_eq!(refusal(""), Some(PanError::Length));
        assert!(Pan::parse("4111111111111112", LuhnRule::Relaxed).is_ok());
    }

    #[test]
    fn knows_the_brands() {
        for (number, brand) in [
            ("378282246310005", Brand::Amex),
            ("30569309025904", Brand::Diners),
            ("6011111111111117", Brand::Discover),
            ("3530111333300000", Brand::Jcb),
            ("5555555555554444", Brand::Mastercard),
            ("2223003122003222", Brand::Mastercard),
            ("6200000000000005", Brand::Unionpay),
        ] {
            assert_eq!(Pan::parse(number, LuhnRule::Required).ok().map(|pan| pan.brand()), Some(brand));
        }
    }

    proptest! {
        #[test]
        fn every_single_wrong_digit_is_noticed(base in "[0-9]{15}", place in 0_usize..16, change in 1_u8..10) {
            let check = (b'0'..=b'9').find(|digit| luhn_is_right(&[base.as_bytes(), &[*digit]].concat())).unwrap();
            let mut number = [base.as_bytes(), &[check]].concat();
            number[place] = b'0' + (number[place] - b'0' + change) % 10;
            prop_assert!(!luhn_is_right(&number));
        }
    }
}
