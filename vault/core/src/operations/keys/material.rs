use strongroom_crypto::KeyMaterial;
use strongroom_crypto::hsm_key_v1::HsmKeyReference;
use strongroom_domain::{KeyId, KeyState, KeyVersion, Protection, Timestamp};

use crate::VaultError;
use crate::ports::store::{KeyRow, KeyVersionRow};
use crate::ports::{Entropy, Hsm, HsmKey};
use crate::registry::{hsm_key_kind, wrap_context};

/// A key id nobody has: eight random bytes.
pub(crate) fn new_key_id(entropy: &dyn Entropy) -> Result<KeyId, VaultError> {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes)?;
    Ok(KeyId::from_bytes(bytes))
}

/// A new version of a key, ready for use. Its material comes from the HSM: sealed for exactly this key and version, or not
/// at all.
pub(crate) async fn new_version(
    (hsm, entropy): (&dyn Hsm, &dyn Entropy),
    kek: &HsmKey,
    cluster: &[u8; 16],
    key: &KeyRow,
    version: KeyVersion,
    now: Timestamp,
) -> Result<KeyVersionRow, VaultError> {
    let wrapped = match key.protection {
        Protection::Envelope => {
            let material = hsm.random(KeyMaterial::LENGTH).await?;
            let aad = wrap_context(key, version, kek, cluster).aad();
            hsm.seal(kek, &aad, &material).await?.encode()
        }
        Protection::Hsm => {
            let kind =
                hsm_key_kind(key.purpose).ok_or(VaultError::Internal("no key in the HSM serves this"))?;
            let HsmKey { id, label, check_value, .. } =
                hsm.create_key(kind, &hsm_label(entropy, key.key_id, version)?).await?;
            HsmKeyReference { id, label, check_value: check_value.0 }.encode()
        }
    };
    Ok(KeyVersionRow {
        tenant: key.tenant.clone(),
        key_id: key.key_id,
        version,
        state: KeyState::Active,
        wrapped,
        created_at: now,
        state_changed_at: now,
    })
}

/// What a key version is called in the HSM. Partly random: an attempt whose commit failed leaves an object behind, and the
/// next attempt must not be taken for it.
fn hsm_label(entropy: &dyn Entropy, key: KeyId, version: KeyVersion) -> Result<String, VaultError> {
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes)?;
    Ok(format!("strongroom.{key}.{version}.{:08x}", u32::from_be_bytes(bytes)))
}
