use strongroom_domain::{Action, KeyName, KeyVersion, TenantId, VelocityCounter};

use super::scheme::Scheme;
use super::tool::Tool;
use super::{DecryptItem, Plaintext, records};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::registry::{Key, Snapshot};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// An opened value.
pub struct Decrypted {
    /// The value.
    pub plaintext: Plaintext,
    /// The version of the key it had been sealed with.
    pub key_version: KeyVersion,
}

impl Vault {
    /// Opens values sealed by any version of the key that may still process data. One answer per item, in order.
    pub async fn decrypt(
        &self,
        call: &Call,
        key: &KeyName,
        items: &[DecryptItem],
    ) -> Result<Vec<Result<Decrypted, VaultError>>, VaultError> {
        run(&self.core, call, &Decrypt { tenant: call.principal.tenant(), key, items }).await
    }
}

struct Decrypt<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    items: &'a [DecryptItem],
}

impl Operation for Decrypt<'_> {
    type Output = Vec<Result<Decrypted, VaultError>>;

    const ACTION: Action = Action::Decrypt;

    fn counter(&self) -> Option<VelocityCounter> {
        Some(VelocityCounter::DECRYPT)
    }

    fn items(&self, output: &Self::Output) -> usize {
        output.iter().flatten().count()
    }

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key).count(self.items.len())
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.key(self.key)?;
        let mut opener = Opener::new(core, &snapshot, key, self.tenant)?;
        let mut output = Vec::with_capacity(self.items.len());
        for item in self.items {
            output.push(opener.open(item).await);
        }
        let mut subject = self.subject();
        if let [Ok(only)] = output.as_slice() {
            subject = subject.key(key.row.key_id, only.key_version);
        }
        let events = records(&subject, &output);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
    }
}

/// Opens the values of one call. Keeps what the version that it met last works with: most batches are of one version.
pub(in crate::operations) struct Opener<'a> {
    core: &'a Core,
    snapshot: &'a Snapshot,
    key: &'a Key,
    scheme: Scheme<'a>,
    tenant: &'a TenantId,
    last: Option<(KeyVersion, Tool)>,
}

impl<'a> Opener<'a> {
    pub(in crate::operations) fn new(
        core: &'a Core,
        snapshot: &'a Snapshot,
        key: &'a Key,
        tenant: &'a TenantId,
    ) -> Result<Self, VaultError> {
        Ok(Self { core, snapshot, key, scheme: Scheme::of(key)?, tenant, last: None })
    }

    pub(super) async fn open(&mut self, item: &DecryptItem) -> Result<Decrypted, VaultError> {
        let place = self.scheme.place(self.tenant, &item.context);
        self.open_at(&item.ciphertext, item.key_version, &place).await
    }

    /// Opens what was sealed at another place than a field's own.
    pub(in crate::operations) async fn open_at(
        &mut self,
        ciphertext: &[u8],
        key_version: Option<KeyVersion>,
        place: &[u8],
    ) -> Result<Decrypted, VaultError> {
        let ciphertext = self.scheme.parse(self.key, ciphertext, key_version)?;
        let header = ciphertext.header();
        let tool = match &self.last {
            Some((version, tool)) if *version == header.key_version => tool,
            _ => {
                let version = self.key.version(header.key_version)?;
                let tool = self.core.tool(self.snapshot, self.key, version).await?;
                &self.last.insert((header.key_version, tool)).1
            }
        };
        let plaintext = ciphertext.open(self.core, tool, place).await?;
        Ok(Decrypted { plaintext, key_version: header.key_version })
    }
}
