use strongroom_domain::{Action, KeyName, TenantId};

use super::decrypt::Opener;
use super::salts::Drawn;
use super::scheme::Scheme;
use super::{DecryptItem, Encrypted, records};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Opens values and seals them under the key's current version, in the same context. The plaintext goes nowhere.
    pub async fn reencrypt(
        &self,
        call: &Call,
        key: &KeyName,
        items: &[DecryptItem],
    ) -> Result<Vec<Result<Encrypted, VaultError>>, VaultError> {
        run(&self.core, call, &Reencrypt { tenant: call.principal.tenant(), key, items }).await
    }
}

struct Reencrypt<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    items: &'a [DecryptItem],
}

impl Operation for Reencrypt<'_> {
    type Output = Vec<Result<Encrypted, VaultError>>;

    const ACTION: Action = Action::Reencrypt;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key).count(self.items.len())
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.key(self.key)?;
        let scheme = Scheme::of(key)?;
        let version = key.current()?;
        let tool = core.tool(&snapshot, key, version).await?;
        let salts = Drawn::salts(if scheme.takes_salt() { self.items.len() } else { 0 }, core.entropy())?;
        let mut opener = Opener::new(core, &snapshot, key, self.tenant)?;
        let mut output = Vec::with_capacity(self.items.len());
        for item in self.items {
            let renewed = async {
                let opened = opener.open(item).await?;
                let place = scheme.place(self.tenant, &item.context);
                let sealed = scheme.seal(core, (&tool, version), &salts, &place, &opened.plaintext);
                Ok(Encrypted { ciphertext: sealed.await?, key_version: version.row.version })
            };
            output.push(renewed.await);
        }
        let events = records(&self.subject().key(version.row.key_id, version.row.version), &output);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
    }
}
