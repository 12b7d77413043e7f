use strongroom_domain::{Action, ServiceName, TenantId};

use super::EncryptionKeyView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// The public keys that were registered for an identity, newest first, also those that ended.
    pub async fn list_encryption_keys(
        &self,
        call: &Call,
        service: &ServiceName,
    ) -> Result<Vec<EncryptionKeyView>, VaultError> {
        run(&self.core, call, &ListEncryptionKeys { tenant: call.principal.tenant(), service }).await
    }
}

struct ListEncryptionKeys<'a> {
    tenant: &'a TenantId,
    service: &'a ServiceName,
}

impl Operation for ListEncryptionKeys<'_> {
    type Output = Vec<EncryptionKeyView>;

    const ACTION: Action = Action::EncryptionKeyList;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.service)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let identity = snapshot.identity(self.tenant, self.service).ok_or(VaultError::NotFound)?;
        let keys = identity.encryption_keys.iter().rev();
        let views: Vec<_> = keys.map(|key| EncryptionKeyView::of(&key.row)).collect();
        let event = self.subject().count(views.len());
        Ok(Prepared::reading(views, event))
    }
}
