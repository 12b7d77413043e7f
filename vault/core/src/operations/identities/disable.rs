use strongroom_domain::{Action, Principal, ServiceName};

use super::IdentityView;
use crate::audit::EventDraft;
use crate::pipeline::{Access, Operation, Permit, Prepared, run};
use crate::registry::NewRow;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Puts an identity out of use, with everything it was appointed to, from the next request on. It cannot come back
    /// under the same name: who returns is made known anew.
    pub async fn disable_identity(
        &self,
        call: &Call,
        service: &ServiceName,
    ) -> Result<IdentityView, VaultError> {
        run(&self.core, call, &DisableIdentity { principal: &call.principal, service }).await
    }
}

struct DisableIdentity<'a> {
    principal: &'a Principal,
    service: &'a ServiceName,
}

impl Operation for DisableIdentity<'_> {
    type Output = IdentityView;

    const ACTION: Action = Action::IdentityDisable;

    fn access(&self) -> Access {
        Access { concerns_itself: self.principal.id.service() == self.service, ..Access::default() }
    }

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.service)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<IdentityView>, VaultError> {
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let identity =
            snapshot.identity(self.principal.tenant(), self.service).ok_or(VaultError::NotFound)?;
        let mut view = IdentityView::of(identity, &snapshot.cluster.trust_domain);
        if view.disabled_at.is_some() {
            return Ok(Prepared::reading(view, self.subject()));
        }
        let mut row = identity.row.clone();
        row.disabled_at = Some(core.clock().now());
        view.disabled_at = row.disabled_at;
        let change = core.registry().plan(turn, vec![NewRow::Identity(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}
