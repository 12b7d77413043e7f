//! `POST /v1/jobs/{job}/complete`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ChecksumText;

/// What the caller has of a job; it ends if the vault has the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteJob {
    /// How many rows: of an import, lines that are not empty, refused ones among them; of an export, tokens.
    pub rows: u64,
    /// The checksum over them (`row_checksum_v1`); an import does not end without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<ChecksumText>,
}
