use std::sync::Arc;

use strongroom_domain::{Action, KeyName, TenantId};

use super::scheme::Scheme;
use super::{EncryptItem, Encrypted, records};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::registry::{KeyVersionEntry, WorkingKey};
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
            versions.push((version, core.working_key(&snapshot, version).await?));
        }
        let stored_as = |item: &EncryptItem| {
            #[expect(
                clippy::disallowed_methods,
                reason = "the caller's plaintext goes into the seals and nowhere else"
            )]
            let plaintext = item.plaintext.expose();
            let place = scheme.place(self.tenant, &item.context);
            let under = |(version, working): &(&Arc<KeyVersionEntry>, Arc<WorkingKey>)| {
                let ciphertext = scheme.seal(working, version, core.entropy(), &place, plaintext)?;
                Ok(Encrypted { ciphertext, key_version: version.row.version })
            };
            versions.iter().map(under).collect()
        };
        let output: Vec<_> = self.items.iter().map(stored_as).collect();
        let events = records(&self.subject(), &output);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
    }
}
