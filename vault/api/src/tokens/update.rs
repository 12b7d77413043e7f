//! `PATCH /v1/tokens/{token}`.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::Metadata;
use crate::{AliasText, TagText, TimestampText};

/// What is to be different about a token. What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateToken {
    /// All of its metadata from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub metadata: Option<Metadata>,
    /// From when on it is to be as good as gone, within what its profile allows; null for never.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TimestampText>)]
    pub expires_at: Option<Option<TimestampText>>,
    /// Which aliases it gets and loses. One that it loses may be given to another token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<AliasChange>,
    /// Which tags it gets and loses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagChange>,
}

/// What becomes of a token's aliases. Those that are not named stay, so that the changes of two callers both hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasChange {
    /// It has these from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub add: Vec<AliasText>,
    /// It no longer has these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub remove: Vec<AliasText>,
}

/// What becomes of a token's tags. Those that are not named stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagChange {
    /// It has these from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 16)]
    pub add: Vec<TagText>,
    /// It no longer has these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 16)]
    pub remove: Vec<TagText>,
}

/// Null is something other than nothing.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
