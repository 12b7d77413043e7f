//! `POST /v1/token-profiles`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strongroom_domain::{ProfileName, Reuse, TokenProfile, TokenProfileError};
use utoipa::ToSchema;

use super::CheckDigit;
use super::scope::ScopeText;
use crate::{KeptDigitsText, LuhnStyleText, ProfileNameText, ReuseText, ShownDigitsText, TokenFormatText};

/// A token profile to be made. What is absent is as in the profile every tenant begins with: opaque, random,
/// reversible, without end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProfile {
    /// Its name, unique in the tenant.
    pub name: ProfileNameText,
    /// The outward shape; `opaque` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TokenFormatText>,
    /// For the card format: the digits that stay; `6/4` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<KeptDigitsText>,
    /// For the card format: how tokens differ from card numbers; `invalid` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub luhn: Option<LuhnStyleText>,
    /// The digits of a card number that stand readable beside a token; `6/4` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<ShownDigitsText>,
    /// The fewest digits of a card number that it takes. If absent: 12, and for a deterministic profile the fewest with which
    /// 10,000 card numbers or more are left to whoever reads what stands beside a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 12, maximum = 19)]
    pub min_card_digits: Option<u8>,
    /// Whether equal values share a token; `random` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse: Option<ReuseText>,
    /// Inside which values are recognised as equal; `tenant` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeText>,
    /// How long tokens live; without end if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3_153_600_000_u64)]
    pub ttl_seconds: Option<u64>,
    /// Whether revealing the full value uses a token up; no if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_use: Option<bool>,
    /// Whether the value can come back at all; yes if absent. If not, it is not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversible: Option<bool>,
    /// Whether the card number's check digit must be right; `required` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_check_digit: Option<CheckDigit>,
}

impl CreateProfile {
    /// A profile of which only the name is said.
    pub const fn new(name: ProfileName) -> Self {
        Self {
            name: crate::Text(name),
            format: None,
            keep: None,
            luhn: None,
            show: None,
            min_card_digits: None,
            reuse: None,
            scope: None,
            ttl_seconds: None,
            single_use: None,
            reversible: None,
            card_check_digit: None,
        }
    }

    /// The profile, if its parts go together.
    pub fn into_profile(self) -> Result<TokenProfile, TokenProfileError> {
        // What has no meaning for opaque tokens is refused rather than ignored.
        let is_card_format =
            self.format.is_some_and(|format| format.0 == strongroom_domain::TokenFormat::Card);
        if !is_card_format && (self.keep.is_some() || self.luhn.is_some()) {
            return Err(TokenProfileError::NotCardFormat);
        }
        let standard = TokenProfile::standard(self.name.0);
        let mut profile = TokenProfile {
            format: self.format.map_or(standard.format, |format| format.0),
            keep: self.keep.map_or(standard.keep, |keep| keep.0),
            luhn: self.luhn.map_or(standard.luhn, |luhn| luhn.0),
            show: self.show.map_or(standard.show, |show| show.0),
            min_card_digits: self.min_card_digits.unwrap_or(standard.min_card_digits),
            reuse: self.reuse.map_or(standard.reuse, |reuse| reuse.0),
            scope: self.scope.and_then(|scope| scope.0.0),
            ttl: self.ttl_seconds.map(Duration::from_secs),
            single_use: self.single_use.unwrap_or(standard.single_use),
            reversible: self.reversible.unwrap_or(standard.reversible),
            card_check_digit: self.card_check_digit.map_or(standard.card_check_digit, Into::into),
            name: standard.name,
        };
        if self.min_card_digits.is_none() && profile.reuse == Reuse::Deterministic {
            profile.min_card_digits = profile.shortest_card_leaving(TokenProfile::LEAST_CARD_NUMBERS);
        }
        profile.validate()?;
        Ok(profile)
    }
}
