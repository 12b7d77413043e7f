use strongroom_domain::{Action, TenantId};

use super::IdentityView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// The tenant's identities with their appointments, in the order of their names.
    pub async fn list_identities(&self, call: &Call) -> Result<Vec<IdentityView>, VaultError> {
        run(&self.core, call, &ListIdentities { tenant: call.principal.tenant() }).await
    }
}

struct ListIdentities<'a> {
    tenant: &'a TenantId,
}

impl Operation for ListIdentities<'_> {
    type Output = Vec<IdentityView>;

    const ACTION: Action = Action::IdentityList;

    fn subject(&self) -> EventDraft {
        EventDraft::success().count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let trust_domain = &snapshot.cluster.trust_domain;
        let identities = snapshot.tenant(self.tenant)?.identities();
        let views: Vec<_> = identities.map(|identity| IdentityView::of(identity, trust_domain)).collect();
        let event = self.subject().count(views.len());
        Ok(Prepared::reading(views, event))
    }
}
