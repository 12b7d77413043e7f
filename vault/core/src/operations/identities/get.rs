use strongroom_domain::{Action, ServiceName, TenantId};

use super::IdentityView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// What is known of an identity and its appointments.
    pub async fn get_identity(&self, call: &Call, service: &ServiceName) -> Result<IdentityView, VaultError> {
        run(&self.core, call, &GetIdentity { tenant: call.principal.tenant(), service }).await
    }
}

struct GetIdentity<'a> {
    tenant: &'a TenantId,
    service: &'a ServiceName,
}

impl Operation for GetIdentity<'_> {
    type Output = IdentityView;

    const ACTION: Action = Action::IdentityGet;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.service)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<IdentityView>, VaultError> {
        let snapshot = core.snapshot();
        let identity = snapshot.identity(self.tenant, self.service).ok_or(VaultError::NotFound)?;
        Ok(Prepared::reading(IdentityView::of(identity, &snapshot.cluster.trust_domain), self.subject()))
    }
}
