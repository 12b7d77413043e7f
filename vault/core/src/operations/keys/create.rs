use strongroom_domain::{Action, KeyName, KeyPurpose, KeyVersion, Principal, Protection, ValueFormat};

use super::view::{KeyVersionView, KeyView};
use super::{new_key_id, new_version};
use crate::audit::EventDraft;
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::ports::HsmKeyKind;
use crate::ports::store::{KeyRow, KeyVersionRow};
use crate::registry::{NewRow, hsm_key_kind};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its name, unique in the tenant.
    pub name: KeyName,
    /// What it may be used for.
    pub purpose: KeyPurpose,
    /// Where its material may be in the clear.
    pub protection: Protection,
    /// What its values look like: for format-preserving encryption, and for nothing else.
    pub value_format: Option<Box<ValueFormat>>,
    /// Days after which a new version is due.
    pub rotation_days: u32,
}

impl Vault {
    /// Makes a key with its first version, ready for use on return.
    pub async fn create_key(
        &self,
        call: &Call,
        key: NewKey,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&KeyView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        run_once(&self.core, call, CreateKey { principal: &call.principal, key }, idempotency, render).await
    }
}

struct CreateKey<'a> {
    principal: &'a Principal,
    key: NewKey,
}

impl Operation for CreateKey<'_> {
    type Output = KeyView;

    const ACTION: Action = Action::KeyCreate;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(&self.key.name)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<KeyView>, VaultError> {
        if self.key.purpose == KeyPurpose::Tokenization {
            return Err(VaultError::Invalid(
                "a tenant's tokenization key is made with the tenant; create none",
            ));
        }
        if !(1..=3650).contains(&self.key.rotation_days) {
            return Err(VaultError::Invalid("rotation_days must be 1 to 3650"));
        }
        if self.key.protection == Protection::Hsm && hsm_key_kind(self.key.purpose).is_none() {
            return Err(VaultError::Invalid(
                "protection hsm is there for the purposes field-encryption, mac and sign",
            ));
        }
        if (self.key.purpose == KeyPurpose::FormatPreserving) != self.key.value_format.is_some() {
            return Err(VaultError::Invalid(
                "value_format belongs to keys for format-preserving encryption, and they need one",
            ));
        }
        let (row, version) = self.make(core).await?;
        let now = row.created_at;
        let output = KeyView {
            id: row.key_id,
            name: row.name.clone(),
            purpose: row.purpose,
            protection: row.protection,
            value_format: row.value_format.clone(),
            rotation_days: row.rotation_days,
            created_at: now,
            current_version: version.version,
            versions: vec![KeyVersionView {
                version: version.version,
                state: version.state,
                created_at: now,
                state_changed_at: now,
            }],
        };
        let event = self.subject().key(row.key_id, version.version);
        let turn = core.registry().turn().await;
        self.check_name(core)?;
        let change = core.registry().plan(turn, vec![NewRow::Key(row), NewRow::KeyVersion(version)])?;
        Ok(change.prepared(output, event))
    }
}

impl CreateKey<'_> {
    /// The key and its first version. Outside the registry's turn: the HSM may take its time, and what other nodes have
    /// changed must not wait for it.
    async fn make(&self, core: &Core) -> Result<(KeyRow, KeyVersionRow), VaultError> {
        self.check_name(core)?;
        let snapshot = core.snapshot();
        let now = core.clock().now();
        let row = KeyRow {
            tenant: self.principal.tenant().clone(),
            key_id: new_key_id(core.entropy())?,
            name: self.key.name.clone(),
            purpose: self.key.purpose,
            protection: self.key.protection,
            value_format: self.key.value_format.clone(),
            rotation_days: self.key.rotation_days,
            created_at: now,
            created_by: self.principal.id.to_string(),
        };
        let kek = snapshot.hsm_key(HsmKeyKind::KekData)?;
        let cluster = &snapshot.cluster.cluster_id;
        let version =
            new_version((core.hsm(), core.entropy()), kek, cluster, &row, KeyVersion::FIRST, now).await?;
        Ok((row, version))
    }

    fn check_name(&self, core: &Core) -> Result<(), VaultError> {
        match core.snapshot().tenant(self.principal.tenant())?.key(&self.key.name) {
            Ok(_) => Err(VaultError::AlreadyExists),
            Err(_) => Ok(()),
        }
    }
}
