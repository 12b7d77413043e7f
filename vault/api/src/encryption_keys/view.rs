use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::crypto::Jwk;
use crate::{KeyThumbprintText, TimestampText};

/// A public key of an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EncryptionKeyView {
    /// Its name: what `encrypt_to` is given, and what stands in the header of what is encrypted to it.
    pub kid: KeyThumbprintText,
    /// The key itself.
    pub jwk: Jwk,
    /// Why it was registered.
    pub reason: String,
    /// When.
    pub created_at: TimestampText,
    /// By whom.
    pub created_by: String,
    /// From when on nothing is encrypted to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimestampText>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<TimestampText>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<String>,
}
