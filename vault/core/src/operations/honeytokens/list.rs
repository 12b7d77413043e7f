use strongroom_domain::{Action, TenantId};

use super::HoneytokenView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// The tenant's honeytokens in the order of their ids, withdrawn ones included.
    pub async fn list_honeytokens(&self, call: &Call) -> Result<Vec<HoneytokenView>, VaultError> {
        run(&self.core, call, &ListHoneytokens { tenant: call.principal.tenant() }).await
    }
}

struct ListHoneytokens<'a> {
    tenant: &'a TenantId,
}

impl Operation for ListHoneytokens<'_> {
    type Output = Vec<HoneytokenView>;

    const ACTION: Action = Action::HoneytokenList;

    fn subject(&self) -> EventDraft {
        EventDraft::success().count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let views: Vec<_> =
            snapshot.tenant(self.tenant)?.honeytokens().map(|row| HoneytokenView::of(row)).collect();
        let event = self.subject().count(views.len());
        Ok(Prepared::reading(views, event))
    }
}
