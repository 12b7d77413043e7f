use strongroom_api::Text;
use strongroom_api::encryption_keys::EncryptionKeyView;
use strongroom_core::VaultError;

/// Onto the wire.
pub(super) fn encryption_key_view(
    key: &strongroom_core::EncryptionKeyView,
) -> Result<EncryptionKeyView, VaultError> {
    Ok(EncryptionKeyView {
        kid: Text(key.kid.clone()),
        jwk: serde_json::from_str(&key.jwk).map_err(|_| VaultError::Internal("a public key is no JWK"))?,
        reason: key.reason.clone(),
        created_at: Text(key.created_at),
        created_by: key.created_by.clone(),
        expires_at: key.expires_at.map(Text),
        revoked_at: key.revoked_at.map(Text),
        revoked_by: key.revoked_by.clone(),
    })
}
