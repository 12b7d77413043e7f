//! How many card numbers are left to whoever reads what stands beside a token.
//!
//! A truncated card number is no card number, and a token is none either. Where equal values show as equal, though, the
//! two together are a riddle with few answers: whoever can have values tokenized tries the numbers that are left, one
//! after the other, until the token is the same (PCI DSS 3.5.1: truncated and hashed forms must not be correlatable).

use crate::{Pan, Reuse, ShownDigits, TokenFormat, TokenProfile};

/// A profile's arithmetic, as guard and report have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correlation {
    /// Whether equal values show as equal: they have the same token.
    pub equal_values_show: bool,
    /// First digits that may be read beside or in a token.
    pub first_digits: u8,
    /// Last digits, likewise.
    pub last_digits: u8,
    /// Whether the card scheme may be read.
    pub brand: bool,
    /// The fewest digits of a card number that the profile takes.
    pub shortest_card: u8,
    /// How many card numbers with a right check digit such a token may stand for at the least.
    pub card_numbers_left: u64,
}

/// The scheme with the fewest issuers' ranges of six digits (Mir, 220000 to 220499) has so many. A scheme is as much of a
/// number as that.
const FEWEST_BINS_OF_A_BRAND: u64 = 500;

impl TokenProfile {
    /// What is left of a card of 15 digits of which six and four are shown: all that PCI DSS lets be shown of it is
    /// allowed so, and eight and four of 16 are not.
    pub const LEAST_CARD_NUMBERS: u64 = 10_000;

    /// What the profile lets be correlated.
    pub fn correlation(&self) -> Correlation {
        let shaped = self.format == TokenFormat::Card;
        let kept = |digits: usize| if shaped { digits } else { 0 };
        let first = self.show.front().max(kept(self.keep.front()));
        let last = self.show.back().max(kept(self.keep.back()));
        let brand = self.show != ShownDigits::None;
        Correlation {
            equal_values_show: self.reuse == Reuse::Deterministic,
            first_digits: first as u8,
            last_digits: last as u8,
            brand,
            shortest_card: self.min_card_digits,
            card_numbers_left: card_numbers_left(usize::from(self.min_card_digits), first, last, brand),
        }
    }

    /// How many card numbers of this length a token may stand for, to whoever reads what stands beside it.
    pub fn card_numbers_left(&self, length: usize) -> u64 {
        let Correlation { first_digits, last_digits, brand, .. } = self.correlation();
        card_numbers_left(length, usize::from(first_digits), usize::from(last_digits), brand)
    }

    /// The fewest digits a card number must have for so many to be left; all are taken if so many never are.
    pub fn shortest_card_leaving(&self, card_numbers: u64) -> u8 {
        let enough = |length: &usize| self.card_numbers_left(*length) >= card_numbers;
        (Pan::MIN_LENGTH..=Pan::MAX_LENGTH).find(enough).unwrap_or(Pan::MIN_LENGTH) as u8
    }
}

/// How many numbers of this length with a right check digit have these first and last digits. Whatever the profile says of
/// check digits: those with a right one are tried first.
fn card_numbers_left(length: usize, first: usize, last: usize, brand: bool) -> u64 {
    let hidden = length.saturating_sub(first + last);
    let (prefixes, hidden) = match hidden.checked_sub(6) {
        Some(rest) if brand && first == 0 => (FEWEST_BINS_OF_A_BRAND, rest),
        _ => (1, hidden),
    };
    let hidden = u32::try_from(hidden).unwrap_or(u32::MAX);
    // One of ten has the right check digit, whichever digits are hidden.
    (prefixes.saturating_mul(10_u64.saturating_pow(hidden)) / 10).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeptDigits, LuhnRule, ProfileName};

    #[test]
    fn the_arithmetic_of_the_field() {
        for (length, first, last, left) in [
            (16, 6, 4, 100_000),
            (15, 6, 4, 10_000),
            (16, 8, 4, 1_000),
            (14, 6, 4, 1_000),
            (12, 6, 4, 10),
            (16, 4, 4, 10_000_000),
            (10, 6, 4, 1),
        ] {
            assert_eq!(card_numbers_left(length, first, last, true), left, "{length} digits, {first}/{last}");
        }
        assert_eq!(card_numbers_left(16, 0, 4, true), 50_000_000);
        assert_eq!(card_numbers_left(16, 0, 4, false), 100_000_000_000);
        assert_eq!(card_numbers_left(16, 0, 0, false), 1_000_000_000_000_000);
    }

    /// Counted, not calculated: all numbers of twelve digits with given ends.
    #[test]
    fn one_of_ten_has_the_right_check_digit() {
        let right = |middle: &u32| Pan::parse(&format!("411111{middle:03}111"), LuhnRule::Required).is_ok();
        assert_eq!((0..1000).filter(right).count() as u64, card_numbers_left(12, 6, 3, true));
    }

    #[test]
    fn a_profile_counts_what_its_tokens_keep_as_well() {
        let standard = TokenProfile::standard(ProfileName::parse("p").unwrap());
        assert!(!standard.correlation().equal_values_show);
        let bare = TokenProfile { show: ShownDigits::None, min_card_digits: 16, ..standard.clone() };
        assert_eq!(bare.correlation().card_numbers_left, 1_000_000_000_000_000);
        let shaped = TokenProfile { format: TokenFormat::Card, keep: KeptDigits::SixFour, ..bare };
        assert_eq!(shaped.correlation().card_numbers_left, 100_000);
        assert_eq!(shaped.shortest_card_leaving(10_000), 15);
        assert_eq!(standard.shortest_card_leaving(100_000), 16);
        let last_only = TokenProfile { show: ShownDigits::ZeroFour, ..standard };
        assert_eq!(last_only.shortest_card_leaving(10_000), 13);
    }
}
