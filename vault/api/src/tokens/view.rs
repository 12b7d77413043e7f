use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Metadata;
use crate::{BinText, BrandText, LastFourText, ProfileNameText, TimestampText, TokenStateText, TokenText};

/// What kind of value a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// A payment card.
    Card,
}

/// What is known of a token without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// The token.
    pub token: TokenText,
    /// What kind of value it stands for.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// The profile it was made by.
    pub profile: ProfileNameText,
    /// What may be shown of the card.
    pub card: CardView,
    /// Equal for equal values within the profile's scope, where the vault may tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Where it is in its life.
    pub state: TokenStateText,
    /// When it was made.
    pub created_at: TimestampText,
    /// From when on it is as good as gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimestampText>,
    /// Whether revealing the full value uses it up.
    pub single_use: bool,
    /// What the caller stored with it.
    #[serde(default)]
    pub metadata: Metadata,
}

/// What may be shown of a card (PCI DSS 3.4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardView {
    /// The card scheme.
    pub brand: BrandText,
    /// First six digits.
    pub bin: BinText,
    /// Last four digits.
    pub last4: LastFourText,
    /// The month it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_month: Option<u8>,
    /// The year it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_year: Option<u16>,
}
