#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use std::fmt;

use strongroom_domain::{Expiry, Secret, Value};

use crate::keyed_hash::KeyedHash;

/// The key of one transfer.
pub struct RowChecksumKey(KeyedHash);

/// A row as one of the two sides has it. Its parts are not copied.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// Its number, from 1.
    pub number: u64,
    /// Its token.
    pub token: &'a str,
    /// What kind of value.
    pub kind: &'a str,
    /// The value, normalised.
    pub value: &'a [u8],
    /// When the card expires, if it is one and that is known.
    pub expiry: Option<Expiry>,
}

/// What one row adds to a checksum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RowCode([u8; 32]);

/// The checksum of the rows so far.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct RowChecksum([u8; 32]);

impl RowChecksumKey {
    /// With the key of the transfer.
    pub fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(KeyedHash::new(key, LABEL))
    }

    /// The code of a row that has a token.
    pub fn row(&self, row: Row<'_>) -> RowCode {
        let expiry = row.expiry.map(|expiry| format!("{:04}-{:02}", expiry.year(), expiry.month()));
        let expiry = expiry.as_deref().unwrap_or_default();
        self.code(row.number, [row.token.as_bytes(), row.kind.as_bytes(), row.value, expiry.as_bytes()])
    }

    /// The code of a row that stands for this value.
    pub fn value(&self, number: u64, token: &str, value: &Value) -> RowCode {
        let expiry = if let Value::Card(card) = value { card.expiry } else { None };
        self.row(Row { number, token, kind: value.kind().as_str(), value: value.identity(), expiry })
    }

    /// The code of a row that was refused.
    pub fn refused(&self, number: u64) -> RowCode {
        self.code(number, [b"", b"", b"", b""])
    }

    fn code(&self, number: u64, parts: [&[u8]; 4]) -> RowCode {
        let number = number.to_be_bytes();
        RowCode(self.0.code(std::iter::once(number.as_slice()).chain(parts)))
    }
}

impl RowChecksum {
    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(is_digit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (to, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *to = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Takes in one more row.
    #[must_use]
    pub fn and(self, code: RowCode) -> Self {
        let Self(mut sum) = self;
        let mut carry = 0_u16;
        for (digit, addend) in sum.iter_mut().zip(&code.0).rev() {
            let [above, below] = (u16::from(*digit) + u16::from(*addend) + carry).to_be_bytes();
            (*digit, carry) = (below, u16::from(above));
        }
        Self(sum)
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for RowChecksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for RowChecksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

const LABEL: &str = "strongroom/row_checksum_v1";
