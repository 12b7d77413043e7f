//! Numbers that a state knows a person by: of a passport, an identity card, a taxpayer, an insured.

use zeroize::Zeroize;

use crate::{CountryCode, Secret};

/// Why a number was refused. Never repeats a character of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityNumberError {
    /// Something other than letters, digits and what people write between them.
    #[error("an identity number holds letters, digits, spaces, dashes, dots and slashes only")]
    Characters,
    /// Too short or too long.
    #[error("an identity number has 4 to 32 letters and digits")]
    Length,
    /// Wrong for its country, where that can be told.
    #[error("the check digit of the identity number is wrong for its country")]
    CheckDigit,
}

/// Such a number. Secret.
pub struct IdentityNumber {
    number: Secret<String>,
    /// Whose number it is, if that was given.
    pub country: Option<CountryCode>,
}

impl IdentityNumber {
    /// Reads a number as people write it. Where the country's numbers have a check digit that is known here (China: GB
    /// 11643-1999), it must be right.
    pub fn parse(text: &str, country: Option<CountryCode>) -> Result<Self, IdentityNumberError> {
        let number = Secret::build(String::with_capacity(text.len().min(LONGEST)), |number| {
            let outcome = normalize(text, number).and_then(|()| check(number, country));
            outcome.inspect_err(|_| number.zeroize())
        })?;
        Ok(Self { number, country })
    }

    /// The letters and digits, in upper case; still secret.
    pub const fn secret(&self) -> &Secret<String> {
        &self.number
    }

    /// Stars, and the last two characters.
    #[expect(clippy::disallowed_methods, reason = "the last two of at least four characters may be shown")]
    pub fn masked(&self) -> String {
        let number = self.number.expose();
        let (hidden, shown) = number.split_at_checked(number.len().saturating_sub(2)).unwrap_or_default();
        format!("{}{shown}", "*".repeat(hidden.len()))
    }
}

fn normalize(text: &str, number: &mut String) -> Result<(), IdentityNumberError> {
    for character in text.chars() {
        match character {
            ' ' | '-' | '.' | '/' => {}
            _ if !character.is_ascii_alphanumeric() => return Err(IdentityNumberError::Characters),
            _ if number.len() == LONGEST => return Err(IdentityNumberError::Length),
            _ => number.push(character.to_ascii_uppercase()),
        }
    }
    if number.len() < SHORTEST { Err(IdentityNumberError::Length) } else { Ok(()) }
}

fn check(number: &str, country: Option<CountryCode>) -> Result<(), IdentityNumberError> {
    match country.as_ref().map(CountryCode::as_str) {
        Some("CN") if !is_resident_number(number) => Err(IdentityNumberError::CheckDigit),
        _ => Ok(()),
    }
}

/// GB 11643-1999: 17 digits and a check character by ISO 7064 MOD 11-2, of which X is ten.
fn is_resident_number(number: &str) -> bool {
    let values: Option<Vec<u32>> = number
        .bytes()
        .enumerate()
        .map(|(place, byte)| match byte {
            b'0'..=b'9' => Some(u32::from(byte - b'0')),
            b'X' if place == 17 => Some(10),
            _ => None,
        })
        .collect();
    values.is_some_and(|values| {
        values.len() == 18 && values.iter().fold(0, |sum, value| (sum * 2 + value) % 11) == 1
    })
}

const SHORTEST: usize = 4;
const LONGEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, country: &str) -> Result<IdentityNumber, IdentityNumberError> {
        IdentityNumber::parse(text, CountryCode::parse(country))
    }

    #[test]
    fn numbers_are_alike_however_they_are_written() {
        for text in ["ab12 34-56.7", "AB/1234567", "ab1234567"] {
            assert!(parse(text, "").unwrap().secret().ct_eq(b"AB1234567"));
        }
        assert_eq!(parse("078-05-1120", "US").unwrap().masked(), "*******20");
    }

    #[test]
    fn each_defect_has_its_name() {
        let refused = |text: &str, country: &str| parse(text, country).err();
        assert_eq!(refused("123", ""), Some(IdentityNumberError::Length));
        assert_eq!(refused(&"1".repeat(33), ""), Some(IdentityNumberError::Length));
        assert_eq!(refused("1234_5", ""), Some(IdentityNumberError::Characters));
        assert_eq!(refused("12345\u{0666}", ""), Some(IdentityNumberError::Characters));
        // The standard's own examples.
        assert!(parse("11010519491231002X", "CN").is_ok() && parse("440524188001010014", "CN").is_ok());
        for wrong in ["110105194912310021", "11010519491231003X", "1101051949123100X2", "1101051949"] {
            assert_eq!(refused(wrong, "CN"), Some(IdentityNumberError::CheckDigit), "{wrong}");
        }
        assert!(parse("110105194912310021", "").is_ok(), "of no country, no rule is known");
    }
}
