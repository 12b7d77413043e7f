//! `POST /v1/tokens/search`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ValueType;
use crate::{ProfileNameText, SecretText};

/// Asks for the tokens of a value. A POST, since a value in an address would end up in logs.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchTokens {
    /// What kind of value it is.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// The card.
    pub card: SearchCard,
    /// The token profile, whose scope decides what counts as equal; `default` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileNameText>,
}

/// A card to look for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchCard {
    /// The card number, as in creating a token.
    pub number: SecretText,
}
