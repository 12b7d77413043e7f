use strongroom_domain::{Action, TenantId};

use super::view::KeyView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// The tenant's keys, in the order of their names.
    pub async fn list_keys(&self, call: &Call) -> Result<Vec<KeyView>, VaultError> {
        run(&self.core, call, &ListKeys { tenant: call.principal.tenant() }).await
    }
}

struct ListKeys<'a> {
    tenant: &'a TenantId,
}

impl Operation for ListKeys<'_> {
    type Output = Vec<KeyView>;

    const ACTION: Action = Action::KeyList;

    fn subject(&self) -> EventDraft {
        EventDraft::success().count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let views = snapshot
            .tenant(self.tenant)?
            .keys()
            .iter()
            .map(|key| KeyView::of(key))
            .collect::<Result<Vec<_>, _>>()?;
        let event = self.subject().count(views.len());
        Ok(Prepared::reading(views, event))
    }
}
