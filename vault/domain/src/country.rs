use std::fmt;

/// A country by its code of two letters (ISO 3166-1 alpha-2). Which codes are given to a country is not checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// The code that stands for no country.
    pub const UNKNOWN: Self = Self(*b"ZZ");

    /// Two upper-case letters.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 2).then(|| Self::first_of(text.as_bytes())).flatten()
    }

    /// The two letters that a text begins with.
    pub(crate) fn first_of(text: &[u8]) -> Option<Self> {
        text.first_chunk().filter(|code| code.iter().all(u8::is_ascii_uppercase)).copied().map(Self)
    }

    /// The letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
