use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TimestampText;

/// A honeytoken. Which token it is, only its use tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoneytokenView {
    /// Its id: `hny_` and 16 hexadecimal digits. It says nothing of the token.
    #[schema(pattern = "^hny_[0-9a-f]{16}$")]
    pub id: String,
    /// What it is there for.
    pub reason: String,
    /// When the token was marked.
    pub created_at: TimestampText,
    /// By whom.
    pub created_by: String,
    /// When the mark was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<TimestampText>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_by: Option<String>,
}
