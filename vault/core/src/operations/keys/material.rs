use strongroom_crypto::KeyMaterial;
use strongroom_domain::{KeyId, KeyState, KeyVersion, Timestamp};

use crate::VaultError;
use crate::ports::store::{KeyRow, KeyVersionRow};
use crate::ports::{Entropy, Hsm, HsmKey};
use crate::registry::wrap_context;

/// A key id nobody has: eight random bytes.
pub(crate) fn new_key_id(entropy: &dyn Entropy) -> Result<KeyId, VaultError> {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes)?;
    Ok(KeyId::from_bytes(bytes))
}

/// New material from the HSM's generator, sealed by the HSM for exactly this key and version.
pub(crate) async fn sealed_material(
    hsm: &dyn Hsm,
    kek: &HsmKey,
    cluster: &[u8; 16],
    key: &KeyRow,
    version: KeyVersion,
    now: Timestamp,
) -> Result<KeyVersionRow, VaultError> {
    let material = hsm.random(KeyMaterial::LENGTH).await?;
    let aad = wrap_context(key, version, kek, cluster).aad();
    let wrapped = hsm.seal(kek, &aad, &material).await?;
    Ok(KeyVersionRow {
        tenant: key.tenant.clone(),
        key_id: key.key_id,
        version,
        state: KeyState::Active,
        wrapped: wrapped.encode(),
        created_at: now,
        state_changed_at: now,
    })
}
