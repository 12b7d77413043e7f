//! What may be known of a value, spread over the columns it stands in.

use strongroom_domain::{Bin, Brand, CountryCode, Expiry, IbanEnding, LastFour, Shown, ValueKind};

/// The columns; those that a kind of value has no use for are empty.
#[derive(Default)]
pub(crate) struct ShownColumns {
    pub(crate) kind: String,
    pub(crate) brand: Option<String>,
    pub(crate) bin: Option<String>,
    pub(crate) last_four: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) card_expiry_month: Option<u8>,
    pub(crate) card_expiry_year: Option<u16>,
}

impl ShownColumns {
    pub(crate) fn of(shown: &Shown) -> Self {
        let columns = Self { kind: shown.kind().as_str().to_owned(), ..Self::default() };
        match shown {
            Shown::Card { brand, bin, last_four, expiry } => Self {
                brand: brand.map(|brand| brand.as_str().to_owned()),
                bin: bin.map(|bin| bin.to_string()),
                last_four: last_four.map(|digits| digits.to_string()),
                card_expiry_month: expiry.map(Expiry::month),
                card_expiry_year: expiry.map(Expiry::year),
                ..columns
            },
            Shown::BankAccount { country, ending } => {
                Self { country: Some(country.to_string()), last_four: Some(ending.to_string()), ..columns }
            }
            Shown::IdentityNumber { country } => {
                Self { country: country.map(|country| country.to_string()), ..columns }
            }
            Shown::Text => columns,
        }
    }

    /// `None`: nothing that this program writes looks so.
    pub(crate) fn read(&self) -> Option<Shown> {
        let Self { kind, brand, bin, last_four, country, card_expiry_month, card_expiry_year } = self;
        let country = optional(country.as_deref(), CountryCode::parse)?;
        let shown = match ValueKind::parse(kind)? {
            ValueKind::Card => Shown::Card {
                brand: optional(brand.as_deref(), Brand::parse)?,
                bin: optional(bin.as_deref(), Bin::parse)?,
                last_four: optional(last_four.as_deref(), LastFour::parse)?,
                expiry: match (card_expiry_month, card_expiry_year) {
                    (Some(month), Some(year)) => Some(Expiry::new(*month, *year).ok()?),
                    (None, None) => None,
                    _ => return None,
                },
            },
            ValueKind::BankAccount => {
                Shown::BankAccount { country: country?, ending: IbanEnding::parse(last_four.as_deref()?)? }
            }
            ValueKind::IdentityNumber => Shown::IdentityNumber { country },
            ValueKind::Text => Shown::Text,
        };
        Some(shown)
    }
}

/// `None`: there is a text, and it does not read.
fn optional<T>(text: Option<&str>, parse: fn(&str) -> Option<T>) -> Option<Option<T>> {
    text.map_or(Some(None), |text| parse(text).map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_columns() {
        let country = CountryCode::parse("DE").unwrap();
        let (bin, last_four) = (Bin::parse("411111"), LastFour::parse("1111"));
        let card = |expiry| Shown::Card { brand: Some(Brand::Visa), bin, last_four, expiry };
        for shown in [
            card(None),
            card(Expiry::new(12, 2030).ok()),
            Shown::Card { brand: Some(Brand::Visa), bin: None, last_four, expiry: None },
            Shown::Card { brand: None, bin: None, last_four: None, expiry: None },
            Shown::BankAccount { country, ending: IbanEnding::parse("3O0X").unwrap() },
            Shown::IdentityNumber { country: None },
            Shown::IdentityNumber { country: Some(country) },
            Shown::Text,
        ] {
            assert_eq!(ShownColumns::of(&shown).read(), Some(shown));
        }
        let half =
            ShownColumns { card_expiry_year: None, ..ShownColumns::of(&card(Expiry::new(12, 2030).ok())) };
        assert_eq!(half.read(), None);
        let odd = ShownColumns { bin: Some("41111x".to_owned()), ..ShownColumns::of(&card(None)) };
        assert_eq!(odd.read(), None);
    }
}
