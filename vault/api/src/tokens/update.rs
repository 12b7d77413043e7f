//! `PATCH /v1/tokens/{token}`.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::Metadata;
use crate::TimestampText;

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
}

/// Null is something other than nothing.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
