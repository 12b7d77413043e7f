use std::fmt;
use std::sync::Arc;

use strongroom_domain::Secret;

/// The name by which a request speaks of one token in its placeholders: 1 to 32 characters of a-z, 0-9, `_` and `-`,
/// the first a letter.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenName(Arc<str>);

/// Not a name for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token's name must be 1 to 32 characters of a-z, 0-9, _ and -, and begin with a letter")]
pub struct NotATokenName;

impl TokenName {
    /// Checks length and alphabet.
    pub fn parse(text: &str) -> Result<Self, NotATokenName> {
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if begins && text.len() <= 32 && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(NotATokenName)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What of a token stands in a placeholder's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The card number, digits only.
    Number,
    /// The month of expiry, `1` to `12`.
    ExpMonth,
    /// The month of expiry, `01` to `12`.
    ExpMonth2,
    /// The year of expiry, four digits.
    ExpYear,
    /// The last two digits of the year of expiry.
    ExpYear2,
    /// The name on the card.
    Holder,
    /// The card scheme, as in `visa`.
    Brand,
    /// The first six digits of the card number.
    Bin,
    /// The last four digits of the card number.
    Last4,
    /// The security code, where one is held.
    SecurityCode,
    /// The value of a token that is no card.
    Value,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Number,
        Self::ExpMonth,
        Self::ExpMonth2,
        Self::ExpYear,
        Self::ExpYear2,
        Self::Holder,
        Self::Brand,
        Self::Bin,
        Self::Last4,
        Self::SecurityCode,
        Self::Value,
    ];

    /// The name in placeholders.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::ExpMonth => "exp_month",
            Self::ExpMonth2 => "exp_month_2",
            Self::ExpYear => "exp_year",
            Self::ExpYear2 => "exp_year_2",
            Self::Holder => "holder",
            Self::Brand => "brand",
            Self::Bin => "bin",
            Self::Last4 => "last4",
            Self::SecurityCode => "security_code",
            Self::Value => "value",
        }
    }

    /// The field of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Whether it is a number, without zeros before it, that JSON may hold outside a string.
    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::ExpMonth | Self::ExpYear)
    }
}

/// A field of a token.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Placeholder {
    /// Which token.
    pub name: TokenName,
    /// What of it.
    pub field: Field,
}

/// Where values come from when a template is filled.
pub trait Values {
    /// The text that stands for a placeholder, in the form that [`Field`] says; none if the token has no such field.
    fn value(&self, placeholder: &Placeholder) -> Option<Secret<String>>;
}

impl<F: Fn(&Placeholder) -> Option<Secret<String>>> Values for F {
    fn value(&self, placeholder: &Placeholder) -> Option<Secret<String>> {
        self(placeholder)
    }
}
