use strongroom_domain::{Action, TenantId};

use super::ProfileView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// The tenant's token profiles, in the order of their names.
    pub async fn list_profiles(&self, call: &Call) -> Result<Vec<ProfileView>, VaultError> {
        run(&self.core, call, &ListProfiles { tenant: call.principal.tenant() }).await
    }
}

struct ListProfiles<'a> {
    tenant: &'a TenantId,
}

impl Operation for ListProfiles<'_> {
    type Output = Vec<ProfileView>;

    const ACTION: Action = Action::ProfileList;

    fn subject(&self) -> EventDraft {
        EventDraft::success().count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let views: Vec<_> =
            snapshot.tenant(self.tenant)?.profiles().map(|row| ProfileView::of(row)).collect();
        let event = self.subject().count(views.len());
        Ok(Prepared::reading(views, event))
    }
}
