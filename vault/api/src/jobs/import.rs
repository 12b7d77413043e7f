//! `POST /v1/tokens/import` and `POST /v1/jobs/{job}/parts/{part}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{BinText, JobText, LastFourText, LineFormatText, Problem, ProfileNameText, TokenText};

/// Begins an import. The lines follow in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportTokens {
    /// How the lines are written.
    pub format: LineFormatText,
    /// The columns of CSV in the order of the file: `number`, `exp_month`, `exp_year`, `holder`, `metadata.<name>`; only `number`
    /// must be among them. Not for other formats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// The token profile; `default` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileNameText>,
    /// How long the tokens live. May be shorter than the profile says, not longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub ttl_seconds: Option<u64>,
    /// Whether revealing the full value uses a token up; as the profile says if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_use: Option<bool>,
}

/// What became of a part. The same part again is answered the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedPart {
    /// The job.
    pub job: JobText,
    /// The part.
    pub part: u32,
    /// The lines that are not empty, in their order.
    pub lines: Vec<ImportedLine>,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedLine {
    /// Its number in the file, from 1.
    pub line: u64,
    /// 201, 200 if a deterministic profile found its token, or the status of the problem.
    pub status: u16,
    /// The token, if it was made or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenText>,
    /// First six digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<BinText>,
    /// Last four digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<LastFourText>,
    /// What was wrong, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}
