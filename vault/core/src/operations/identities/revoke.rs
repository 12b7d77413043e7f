use strongroom_domain::{Action, Principal, ServiceName};

use super::IdentityView;
use crate::audit::EventDraft;
use crate::pipeline::{Access, Operation, Permit, Prepared, run};
use crate::ports::store::GrantId;
use crate::registry::NewRow;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Takes an appointment back, from the next request on.
    pub async fn revoke_grant(
        &self,
        call: &Call,
        service: &ServiceName,
        grant: GrantId,
    ) -> Result<IdentityView, VaultError> {
        run(&self.core, call, &RevokeGrant { principal: &call.principal, service, grant }).await
    }
}

struct RevokeGrant<'a> {
    principal: &'a Principal,
    service: &'a ServiceName,
    grant: GrantId,
}

impl Operation for RevokeGrant<'_> {
    type Output = IdentityView;

    const ACTION: Action = Action::GrantRevoke;

    fn access(&self) -> Access {
        Access { concerns_itself: self.principal.id.service() == self.service, ..Access::default() }
    }

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(format_args!("{}/{}", self.service, self.grant))
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<IdentityView>, VaultError> {
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let identity =
            snapshot.identity(self.principal.tenant(), self.service).ok_or(VaultError::NotFound)?;
        let grant =
            identity.grants.iter().find(|grant| grant.id() == self.grant).ok_or(VaultError::NotFound)?;
        let mut view = IdentityView::of(identity, &snapshot.cluster.trust_domain);
        if grant.row.revoked_at.is_some() {
            return Ok(Prepared::reading(view, self.subject()));
        }
        let mut row = grant.row.clone();
        row.revoked_at = Some(core.clock().now());
        row.revoked_by = Some(self.principal.id.to_string());
        if let Some(shown) = view.grants.iter_mut().find(|shown| shown.id == self.grant) {
            shown.revoked_at = row.revoked_at;
            shown.revoked_by.clone_from(&row.revoked_by);
        }
        let change = core.registry().plan(turn, vec![NewRow::Grant(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}
