use strongroom_domain::{Action, KeyName, TenantId};

use super::scheme::Scheme;
use super::{EncryptItem, Encrypted, records};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// What values are stored as under a deterministic or format-preserving key: their ciphertexts under each version that may still process
    /// data, newest first. So a value is found whichever version was current when it was written. One answer per item,
    /// in order.
    pub async fn lookup(
        &self,
        call: &Call,
        key: &KeyName,
        items: &[EncryptItem],
    ) -> Result<Vec<Result<Vec<Encrypted>, VaultError>>, VaultError> {
        run(&self.core, call, &Lookup { tenant: call.principal.tenant(), key, items }).await
    }
}

struct Lookup<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    items: &'a [EncryptItem],
}

impl Operation for Lookup<'_> {
    type Output = Vec<Result<Vec<Encrypted>, VaultError>>;

    const ACTION: Action = Action::Lookup;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key).count(self.items.len())
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.key(self.key)?;
        let scheme = Scheme::of(key)?;
        if !scheme.shows_equality() {
            return Err(VaultError::KeyPurpose);
        }
        let mut versions = Vec::new();
        for version in key.readable() {
            versions.push((version, core.tool(&snapshot, key, version).await?));
        }
        let mut output = Vec::with_capacity(self.items.len());
        for item in self.items {
            let place = scheme.place(self.tenant, &item.context);
            let stored_as = async {
                let mut ciphertexts = Vec::with_capacity(versions.len());
                for (version, tool) in &versions {
                    let sealed = scheme.seal(core, (tool, version), core.entropy(), &place, &item.plaintext);
                    let key_version = version.row.version;
                    ciphertexts.push(Encrypted { ciphertext: sealed.await?, key_version });
                }
                Ok(ciphertexts)
            };
            output.push(stored_as.await);
        }
        let events = records(&self.subject(), &output);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
    }
}
