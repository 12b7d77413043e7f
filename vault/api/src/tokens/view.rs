use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BankAccountView, IdentityNumberView, Metadata};
use crate::{
    AliasText, BinText, BrandText, LastFourText, ProfileNameText, TagText, TimestampText, TokenStateText,
    TokenText, ValueKindText,
};

/// What is known of a token without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// The token.
    pub token: TokenText,
    /// What kind of value it stands for.
    #[serde(rename = "type")]
    pub value_type: ValueKindText,
    /// The profile it was made by.
    pub profile: ProfileNameText,
    /// What may be shown of the card, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardView>,
    /// What may be shown of the bank account, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<BankAccountView>,
    /// What may be shown of the identity number, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<IdentityNumberView>,
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
    /// How often the full value may be revealed, if that is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// How often it was revealed, if that is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// When the security code that came with the card is gone at the latest; in answers to its coming only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_code_expires_at: Option<TimestampText>,
    /// What the caller stored with it.
    #[serde(default)]
    pub metadata: Metadata,
    /// Its other names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<AliasText>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagText>,
}

/// What may be shown of a card (PCI DSS 3.4.1), as far as the token's profile shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardView {
    /// The card scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<BrandText>,
    /// First six digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<BinText>,
    /// Last four digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<LastFourText>,
    /// The month it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_month: Option<u8>,
    /// The year it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_year: Option<u16>,
}
