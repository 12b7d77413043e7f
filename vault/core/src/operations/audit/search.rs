use strongroom_crypto::audit_v1::Event;
use strongroom_domain::{Action, TenantId};

use crate::audit::{EventDraft, Found, search};
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::{AuditFilter, AuditPosition};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Everything given must match.
    pub filter: AuditFilter,
    /// Only records before this one: the next page.
    pub before: Option<AuditPosition>,
    /// At most so many.
    pub limit: u32,
}

/// A part of what was found.
#[derive(Debug, Clone)]
pub struct AuditEvents {
    /// The records, newest first.
    pub events: Vec<Event>,
    /// Where the next part begins, if there is one.
    pub next: Option<AuditPosition>,
}

impl Vault {
    /// Records of the caller's tenant; of every tenant for the platform's auditors.
    pub async fn search_audit(&self, call: &Call, query: &AuditQuery) -> Result<AuditEvents, VaultError> {
        run(&self.core, call, &SearchAudit { tenant: call.principal.tenant(), query }).await
    }
}

struct SearchAudit<'a> {
    tenant: &'a TenantId,
    query: &'a AuditQuery,
}

impl Operation for SearchAudit<'_> {
    type Output = AuditEvents;

    const ACTION: Action = Action::AuditSearch;

    fn subject(&self) -> EventDraft {
        EventDraft::success().count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<AuditEvents>, VaultError> {
        let only = (!self.tenant.is_platform()).then_some(self.tenant);
        let AuditQuery { filter, before, limit } = self.query;
        core.committer().segments().keep(core.store()).await?;
        let Found { events, next } =
            search(core.store(), only, filter, before.as_ref(), *limit as usize).await?;
        let event = self.subject().count(events.len());
        Ok(Prepared::reading(AuditEvents { events, next }, event))
    }
}
