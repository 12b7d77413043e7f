use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ChecksumText;
use crate::{JobKindText, JobStateText, JobText, PurposeText, SecretBytes, TimestampText};

/// A job and how far it is.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// The job.
    pub job: JobText,
    /// What it does.
    #[serde(rename = "type")]
    pub kind: JobKindText,
    /// Where it is in its life.
    pub state: JobStateText,
    /// The part it goes on with.
    pub next_part: u32,
    /// Rows done: of an import, lines that are not empty; of an export, tokens whose values have left.
    pub rows: u64,
    /// Of an import: rows with a new token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<u64>,
    /// Of an import: rows with a token that was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing: Option<u64>,
    /// Of an import: rows that were refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Of an export: tokens that were asked for and have no value to give: one-way, ended, or of limited use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<u64>,
    /// Of an import: lines of the file that are done, empty ones and the header of CSV among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<u64>,
    /// Of an import: the key of the checksum, for the caller's side of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_key: Option<SecretBytes>,
    /// Of an import: the checksum over the rows so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<ChecksumText>,
    /// Of an export: RFC 7638 thumbprint of the receiver's key, which the approval names beside the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<String>,
    /// Of an export: what for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<PurposeText>,
    /// When it began.
    pub created_at: TimestampText,
    /// When the last part was done.
    pub updated_at: TimestampText,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<TimestampText>,
}
