use strongroom_domain::{Action, Context, KeyName, KeyVersion, TenantId};

use super::Plaintext;
use super::salts::Drawn;
use super::scheme::Scheme;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A data key to be made.
pub struct DataKeyRequest {
    /// How long: 16, 32 or 64 bytes.
    pub length: usize,
    /// What its ciphertext is to be bound to.
    pub context: Context,
}

/// A key for use outside the vault.
pub struct DataKey {
    /// The key, from the HSM's generator. The vault keeps no copy.
    pub plaintext: Plaintext,
    /// The same, sealed (`envelope_v1`): whoever may decrypt gets it back.
    pub ciphertext: Vec<u8>,
    /// The version of the key it was sealed with.
    pub key_version: KeyVersion,
}

impl Vault {
    /// Makes a key for use outside the vault, for data too large to be sent here.
    pub async fn data_key(
        &self,
        call: &Call,
        key: &KeyName,
        wanted: &DataKeyRequest,
    ) -> Result<DataKey, VaultError> {
        run(&self.core, call, &MakeDataKey { tenant: call.principal.tenant(), key, wanted }).await
    }
}

struct MakeDataKey<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    wanted: &'a DataKeyRequest,
}

impl Operation for MakeDataKey<'_> {
    type Output = DataKey;

    const ACTION: Action = Action::DataKey;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<DataKey>, VaultError> {
        if ![16, 32, 64].contains(&self.wanted.length) {
            return Err(VaultError::Invalid("length must be 16, 32 or 64 bytes"));
        }
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.key(self.key)?;
        let scheme = Scheme::of(key)?;
        if scheme.shows_equality() {
            return Err(VaultError::KeyPurpose);
        }
        let version = key.current()?;
        let tool = core.tool(&snapshot, key, version).await?;
        let plaintext = core.hsm().random(self.wanted.length).await?;
        let salts = Drawn::salts(1, core.entropy())?;
        let place = scheme.place(self.tenant, &self.wanted.context);
        let ciphertext = scheme.seal(core, (&tool, version), &salts, &place, &plaintext).await?;
        let event = self.subject().key(version.row.key_id, version.row.version);
        let output = DataKey { plaintext, ciphertext, key_version: version.row.version };
        Ok(Prepared::reading(output, event))
    }
}
