//! `POST /v1/keys/{key}/sign`, `…/verify` and `GET /v1/keys/{key}/public-keys`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Binary, CryptoItem, KeyStateText, KeyVersionNumber, Problem, SecretBytes};

/// Data to be signed.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignItem {
    /// The data. They are hashed with SHA-256 and signed.
    pub message: SecretBytes,
}

impl CryptoItem for SignItem {
    const NAMES: &'static [&'static str] = &["items", "message"];
}

/// A signature over data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signed {
    /// ECDSA on P-256: r and s, 32 bytes each (as ES256 of RFC 7518; not DER).
    pub signature: Binary,
    /// The version of the key that made it; to verify, it is asked for again.
    pub key_version: u32,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedItem {
    /// 200, or the status of the problem.
    pub status: u16,
    /// ECDSA on P-256: r and s, 32 bytes each (as ES256 of RFC 7518; not DER).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Binary>,
    /// The version of the key that made it; to verify, it is asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<u32>,
    /// What was wrong, if it is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl SignedItem {
    /// It is made.
    pub fn done(signed: Signed) -> Self {
        let Signed { signature, key_version } = signed;
        Self { status: 200, signature: Some(signature), key_version: Some(key_version), error: None }
    }

    /// It was refused.
    pub const fn refused(problem: Problem) -> Self {
        Self { status: problem.status, signature: None, key_version: None, error: Some(problem) }
    }
}

/// Data and the signature that is said to be over them.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyItem {
    /// The data.
    pub message: SecretBytes,
    /// The signature: r and s, 32 bytes each.
    pub signature: Binary,
    /// The version of the key that is said to have made it.
    pub key_version: KeyVersionNumber,
}

impl CryptoItem for VerifyItem {
    const NAMES: &'static [&'static str] = &["items", "message", "signature", "key_version"];
}

/// Whether a signature is over its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verified {
    /// Whether the signature is this version's over these data.
    pub valid: bool,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifiedItem {
    /// 200, or the status of the problem.
    pub status: u16,
    /// Whether the signature is this version's over these data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<bool>,
    /// What was wrong, if it could not be checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl VerifiedItem {
    /// It was checked.
    pub const fn done(verified: &Verified) -> Self {
        Self { status: 200, valid: Some(verified.valid), error: None }
    }

    /// It could not be checked.
    pub const fn refused(problem: Problem) -> Self {
        Self { status: problem.status, valid: None, error: Some(problem) }
    }
}

/// What verifies the signatures of one version of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicKeyView {
    /// The version.
    pub key_version: u32,
    /// Where it is in its life.
    pub state: KeyStateText,
    /// `ecdsa-p256-sha256`.
    pub algorithm: String,
    /// SubjectPublicKeyInfo in PEM (RFC 5480, RFC 7468).
    pub pem: String,
}
