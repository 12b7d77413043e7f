use strongroom_domain::{Action, KeyName, TenantId};

use super::view::KeyView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// What may be known of a key.
    pub async fn get_key(&self, call: &Call, name: &KeyName) -> Result<KeyView, VaultError> {
        run(&self.core, call, &GetKey { tenant: call.principal.tenant(), name }).await
    }
}

struct GetKey<'a> {
    tenant: &'a TenantId,
    name: &'a KeyName,
}

impl Operation for GetKey<'_> {
    type Output = KeyView;

    const ACTION: Action = Action::KeyGet;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.name)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<KeyView>, VaultError> {
        let snapshot = core.snapshot();
        let view = KeyView::of(snapshot.tenant(self.tenant)?.key(self.name)?)?;
        Ok(Prepared::reading(view, self.subject()))
    }
}
