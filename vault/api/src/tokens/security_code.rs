//! `POST /v1/tokens/{token}/security-code` and `POST /v1/tokens/{token}/security-code/result`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{SecretText, TimestampText};

/// The security code of a token's card, to be kept until its payment is authorised. No call shows it to anybody.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutSecurityCode {
    /// Three digits; four on American Express cards.
    pub security_code: SecretText,
    /// After how many seconds it is gone in any case; 900 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3600)]
    pub ttl_seconds: Option<u64>,
}

/// That a security code is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecurityCodeKept {
    /// When it is gone at the latest.
    pub expires_at: TimestampText,
}

/// How an authorisation ended. Whatever the result, the security code is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportAuthorisation {
    /// How it ended.
    pub result: AuthorisationResult,
}

/// How an authorisation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorisationResult {
    /// The issuer authorised the payment.
    Approved,
    /// The issuer refused it.
    Declined,
    /// Nobody will be asked any more.
    Abandoned,
}
