use strongroom_domain::{KeyThumbprint, Timestamp};

use crate::ports::store::EncryptionKeyRow;

/// What is known of a public key of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionKeyView {
    /// Its name.
    pub kid: KeyThumbprint,
    /// The key itself, a JWK.
    pub jwk: String,
    /// Why.
    pub reason: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// From when on nothing is encrypted to it.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
}

impl EncryptionKeyView {
    pub(super) fn of(row: &EncryptionKeyRow) -> Self {
        Self {
            kid: row.kid.clone(),
            jwk: row.jwk.clone(),
            reason: row.reason.clone(),
            created_at: row.created_at,
            created_by: row.created_by.clone(),
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            revoked_by: row.revoked_by.clone(),
        }
    }
}
