use serde::{Deserialize, Serialize};
use strongroom_domain::{Timestamp, TokenFormat, TokenProfile};
use utoipa::ToSchema;

use super::scope::ScopeText;
use super::{CheckDigit, ScopeInput};
use crate::{
    KeptDigitsText, LuhnStyleText, ProfileNameText, ReuseText, Text, TimestampText, TokenFormatText,
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

impl ProfileView {
    /// What a profile says.
    pub fn new(profile: &TokenProfile, created_at: Timestamp) -> Self {
        let is_card_format = profile.format == TokenFormat::Card;
        Self {
            name: Text(profile.name.clone()),
            format: Text(profile.format),
            keep: is_card_format.then_some(Text(profile.keep)),
            luhn: is_card_format.then_some(Text(profile.luhn)),
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
