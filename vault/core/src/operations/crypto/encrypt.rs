use strongroom_domain::{Action, Context, KeyName, KeyVersion, TenantId};

use super::salts::Drawn;
use super::scheme::Scheme;
use super::{Plaintext, records};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A value to seal.
pub struct EncryptItem {
    /// The value.
    pub plaintext: Plaintext,
    /// What the ciphertext is to be bound to.
    pub context: Context,
}

/// A sealed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// `envelope_v1`, or what the key's purpose and protection say; the caller keeps it.
    pub ciphertext: Vec<u8>,
    /// The version of the key it was sealed with.
    pub key_version: KeyVersion,
}

impl Vault {
    /// Seals values under the key's current version. One answer per item, in order.
    pub async fn encrypt(
        &self,
        call: &Call,
        key: &KeyName,
        items: &[EncryptItem],
    ) -> Result<Vec<Result<Encrypted, VaultError>>, VaultError> {
        run(&self.core, call, &Encrypt { tenant: call.principal.tenant(), key, items }).await
    }
}

struct Encrypt<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    items: &'a [EncryptItem],
}

impl Operation for Encrypt<'_> {
    type Output = Vec<Result<Encrypted, VaultError>>;

    const ACTION: Action = Action::Encrypt;

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
        let mut output = Vec::with_capacity(self.items.len());
        for item in self.items {
            let place = scheme.place(self.tenant, &item.context);
            let sealed = scheme.seal(core, (&tool, version), &salts, &place, &item.plaintext).await;
            output.push(sealed.map(|ciphertext| Encrypted { ciphertext, key_version: version.row.version }));
        }
        let subject = self.subject().key(version.row.key_id, version.row.version);
        let events = records(&subject, &output);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
    }
}
