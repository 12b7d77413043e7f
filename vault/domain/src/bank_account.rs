//! Bank accounts: the International Bank Account Number (ISO 13616).

use std::fmt;

use zeroize::Zeroize;

use crate::{CountryCode, Holder, Secret};

/// Why an IBAN was refused. Never repeats a character of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IbanError {
    /// Something other than letters, digits and spaces, or not two letters and two digits at the front.
    #[error("an IBAN begins with two letters and two digits and holds letters, digits and spaces only")]
    Characters,
    /// No country of the registry.
    #[error("no country of the IBAN registry has this code")]
    Country,
    /// Not as long as its country's are.
    #[error("the IBAN has not the length of its country's")]
    Length,
    /// The check digits are wrong.
    #[error("the check digits of the IBAN are wrong")]
    CheckDigits,
}

/// An International Bank Account Number. Secret.
pub struct Iban(Secret<String>);

/// A bank account: the number and what belongs to it.
pub struct BankAccount {
    /// The number.
    pub iban: Iban,
    /// Whose it is, if known.
    pub holder: Option<Holder>,
}

/// The last four characters of an IBAN, which may be shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IbanEnding([u8; 4]);

impl Iban {
    /// Reads an IBAN as people write it: upper or lower case, with spaces.
    pub fn parse(text: &str) -> Result<Self, IbanError> {
        let normal = Secret::build(String::with_capacity(text.len()), |normal| {
            for character in text.chars().filter(|character| *character != ' ') {
                if !character.is_ascii_alphanumeric() || normal.len() == LONGEST {
                    return Err(IbanError::Characters);
                }
                normal.push(character.to_ascii_uppercase());
            }
            check(normal)
        })?;
        Ok(Self(normal))
    }

    /// The number without spaces, in upper case; still secret.
    pub const fn secret(&self) -> &Secret<String> {
        &self.0
    }

    /// The country, which may be shown.
    pub fn country(&self) -> CountryCode {
        CountryCode::first_of(self.bytes()).unwrap_or(CountryCode::UNKNOWN)
    }

    /// The last four characters, which may be shown.
    pub fn ending(&self) -> IbanEnding {
        IbanEnding(self.bytes().last_chunk().copied().unwrap_or_default())
    }

    /// Country, check digits and the last four characters, with stars between.
    pub fn masked(&self) -> String {
        let front = String::from_utf8_lossy(self.bytes().get(..4).unwrap_or_default());
        let hidden = self.bytes().len().saturating_sub(8);
        format!("{front}{}{}", "*".repeat(hidden), self.ending())
    }

    #[expect(clippy::disallowed_methods, reason = "for the parts that may be shown")]
    fn bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

impl IbanEnding {
    /// Four letters or digits.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 4] = text.as_bytes().try_into().ok()?;
        let fits = bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        fits.then_some(Self(bytes))
    }

    /// The characters.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

impl fmt::Display for IbanEnding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for IbanEnding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

fn check(normal: &mut String) -> Result<(), IbanError> {
    let outcome = (|| {
        let bytes = normal.as_bytes();
        let (country, rest) = bytes.split_at_checked(2).ok_or(IbanError::Characters)?;
        let digits = rest.get(..2).ok_or(IbanError::Characters)?;
        if !country.iter().all(u8::is_ascii_uppercase) || !digits.iter().all(u8::is_ascii_digit) {
            return Err(IbanError::Characters);
        }
        let known = LENGTHS.iter().find(|(code, _)| code.as_bytes() == country);
        let (_, length) = known.ok_or(IbanError::Country)?;
        if bytes.len() != *length {
            return Err(IbanError::Length);
        }
        if remainder(bytes) == 1 { Ok(()) } else { Err(IbanError::CheckDigits) }
    })();
    if outcome.is_err() {
        normal.zeroize();
    }
    outcome
}

/// ISO 7064 MOD 97-10, the first four characters moved to the end, letters as 10 to 35.
fn remainder(bytes: &[u8]) -> u32 {
    let (front, rest) = bytes.split_at_checked(4).unwrap_or_default();
    rest.iter().chain(front).fold(0, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    })
}

const LONGEST: usize = 34;

/// The countries of the IBAN registry (ISO 13616-2, SWIFT) and the lengths of their numbers.
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_registry_are_right() {
        for example in [
            "GB29 NWBK 6016 1331 9268 19",
            "DE89 3704 0044 0532 0130 00",
            "FR14 2004 1010 0505 0001 3M02 606",
            "NO93 8601 1117 947",
            "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
            "CH93 0076 2011 6238 5295 7",
            "nl91abna0417164300",
            "SC18SSCB11010000000000001497USD",
            "LC55HEMM000100010012001200023015",
        ] {
            let iban = Iban::parse(example).unwrap_or_else(|error| panic!("{example}: {error}"));
            assert_eq!(iban.country().as_str(), example.to_uppercase().split_at(2).0);
        }
        let iban = Iban::parse("DE89370400440532013000").unwrap();
        assert_eq!(iban.masked(), "DE89**************3000");
    }

    #[test]
    fn each_defect_has_its_name() {
        let refused = |text: &str| Iban::parse(text).err().unwrap();
        assert_eq!(refused(""), IbanError::Characters);
        assert_eq!(refused("8937 0400"), IbanError::Characters);
        assert_eq!(refused("DE89 3704-0044"), IbanError::Characters);
        assert_eq!(refused("XX89370400440532013000"), IbanError::Country);
        assert_eq!(refused("DE8937040044053201300"), IbanError::Length);
        assert_eq!(refused("DE88370400440532013000"), IbanError::CheckDigits);
        assert_eq!(refused("DE89370400440532013001"), IbanError::CheckDigits);
        assert_eq!(refused("DE89370404400532013000"), IbanError::CheckDigits, "two digits swapped");
        assert_eq!(refused(&"D".repeat(1000)), IbanError::Characters);
    }

    #[test]
    fn the_registry_is_in_order_and_has_no_country_twice() {
        assert!(LENGTHS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(LENGTHS.iter().all(|(_, length)| (15..=LONGEST).contains(length)));
    }
}
