//! `POST /v1/tokens/export` and `GET /v1/jobs/{job}/parts/{part}`.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ChecksumText;
use crate::tokens::{Metadata, RevealedBankAccount, RevealedCard, RevealedIdentityNumber};
use crate::{
    AliasText, JobText, ProfileNameText, PurposeText, SecretBytes, SecretText, TagText, TimestampText,
    TokenText, ValueKindText,
};

/// Begins an export. Its parts are given out once somebody else has agreed to this job and this receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportTokens {
    /// The receiver's public key. Nobody but the holder of its private part reads what is exported.
    pub receiver_key: ReceiverKey,
    /// What for; goes into the record.
    pub purpose: PurposeText,
    /// Tokens of this profile only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileNameText>,
    /// Tokens made from then on only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_from: Option<TimestampText>,
    /// Tokens made before then only; in any case those made before the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_to: Option<TimestampText>,
}

/// A public key on P-256 as JWK (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiverKey {
    /// `EC`.
    pub kty: String,
    /// `P-256`.
    pub crv: String,
    /// The point's x, base64url.
    pub x: String,
    /// The point's y, base64url.
    pub y: String,
    /// `enc`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub key_use: Option<String>,
    /// `ECDH-ES`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// A name; in the header of each part the key goes by its thumbprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
}

/// What a part is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// The purpose that the export began with.
    #[param(value_type = String)]
    pub purpose: PurposeText,
}

/// A part of an export. The same part again is the same to the byte, for as long as it is among the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedPart {
    /// The job.
    pub job: JobText,
    /// The part.
    pub part: u32,
    /// How many tokens are in it.
    pub rows: u32,
    /// Whether it is the last one.
    pub last: bool,
    /// An `ExportContent` for the receiver: JWE (RFC 7516, ECDH-ES and A256GCM, compact).
    pub jwe: String,
}

/// What the receiver finds in a part.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ExportContent {
    /// The job.
    pub job: JobText,
    /// The part.
    pub part: u32,
    /// The key of the checksum, the same in every part.
    pub checksum_key: SecretBytes,
    /// The tokens.
    pub tokens: Vec<ExportedToken>,
    /// In the last part: what the whole must come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<ExportTotal>,
}

/// What an export comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportTotal {
    /// How many tokens.
    pub rows: u64,
    /// The checksum over them (`row_checksum_v1`).
    pub checksum: ChecksumText,
}

/// A token and what it stands for.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ExportedToken {
    /// Its place in the export, from 1.
    pub row: u64,
    /// The token.
    pub token: TokenText,
    /// What kind of value it stands for.
    #[serde(rename = "type")]
    pub value_type: ValueKindText,
    /// The card, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<RevealedCard>,
    /// The bank account, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<RevealedBankAccount>,
    /// The identity number, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<RevealedIdentityNumber>,
    /// The text, if it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<SecretText>,
    /// The profile it was made by.
    pub profile: ProfileNameText,
    /// When it was made.
    pub created_at: TimestampText,
    /// From when on it is as good as gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimestampText>,
    /// What was stored with it.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
    /// Its other names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<AliasText>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagText>,
}
