use serde::{Deserialize, Serialize};
use strongroom_domain::{Correlation, Timestamp, TokenFormat, TokenProfile};
use utoipa::ToSchema;

use super::scope::ScopeText;
use super::{CheckDigit, ScopeInput};
use crate::{
    KeptDigitsText, LuhnStyleText, ProfileNameText, ReuseText, ShownDigitsText, Text, TimestampText,
    TokenFormatText,
};

/// A token profile. Its parts never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileView {
    /// Its name.
    pub name: ProfileNameText,
    /// The outward shape of its tokens.
    pub format: TokenFormatText,
    /// For the card format: the digits that stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<KeptDigitsText>,
    /// For the card format: how tokens differ from card numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub luhn: Option<LuhnStyleText>,
    /// The digits of a card number that stand readable beside its tokens.
    pub show: ShownDigitsText,
    /// The fewest digits of a card number that it takes.
    pub min_card_digits: u8,
    /// What can be made of those digits and a token together.
    pub correlation: CorrelationView,
    /// Whether equal values share a token.
    pub reuse: ReuseText,
    /// Inside which values are recognised as equal.
    pub scope: ScopeText,
    /// How long tokens live; null is without end.
    pub ttl_seconds: Option<u64>,
    /// Whether revealing the full value uses a token up.
    pub single_use: bool,
    /// Whether the value can come back at all.
    pub reversible: bool,
    /// Whether the card number's check digit must be right.
    pub card_check_digit: CheckDigit,
    /// When it was made.
    pub created_at: TimestampText,
}

/// The arithmetic of a truncated card number beside a token (PCI DSS 3.5.1). Where equal values show, the fewer card numbers
/// are left, the closer the two together come to the number itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CorrelationView {
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

impl From<Correlation> for CorrelationView {
    fn from(correlation: Correlation) -> Self {
        let Correlation {
            equal_values_show,
            first_digits,
            last_digits,
            brand,
            shortest_card,
            card_numbers_left,
        } = correlation;
        Self { equal_values_show, first_digits, last_digits, brand, shortest_card, card_numbers_left }
    }
}

impl ProfileView {
    /// What a profile says.
    pub fn new(profile: &TokenProfile, created_at: Timestamp) -> Self {
        let is_card_format = profile.format == TokenFormat::Card;
        Self {
            name: Text(profile.name.clone()),
            format: Text(profile.format),
            keep: is_card_format.then_some(Text(profile.keep)),
            luhn: is_card_format.then_some(Text(profile.luhn)),
            show: Text(profile.show),
            min_card_digits: profile.min_card_digits,
            correlation: profile.correlation().into(),
            reuse: Text(profile.reuse),
            scope: Text(ScopeInput(profile.scope.clone())),
            ttl_seconds: profile.ttl.map(|ttl| ttl.as_secs()),
            single_use: profile.single_use,
            reversible: profile.reversible,
            card_check_digit: profile.card_check_digit.into(),
            created_at: Text(created_at),
        }
    }
}
