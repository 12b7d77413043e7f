use std::sync::Arc;

use strongroom_domain::{Action, TenantId};

use crate::audit::{AuditExport, EventDraft, StreamPart, sign_news};
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Everything, for verification offline. In the export of a tenant's auditor the records of other tenants are
    /// replaced by their hashes, so the whole still verifies. The export ends with its own record, under a fresh
    /// checkpoint.
    pub async fn export_audit(&self, call: &Call) -> Result<AuditExport, VaultError> {
        let tenant = call.principal.tenant();
        run(&self.core, call, &ExportAudit { tenant }).await?;
        sign_news(&self.core).await?;
        let mut parts = Vec::new();
        for stream in self.core.store().streams().await? {
            let until = self.core.store().latest_checkpoint(&stream).await?.map_or(0, |row| row.size);
            parts.push(StreamPart { stream, until });
        }
        Ok(AuditExport::new(Arc::clone(&self.core), tenant, parts))
    }
}

struct ExportAudit<'a> {
    tenant: &'a TenantId,
}

impl Operation for ExportAudit<'_> {
    type Output = ();

    const ACTION: Action = Action::AuditExport;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.tenant)
    }

    async fn prepare(&self, _permit: &Permit, _core: &Core) -> Result<Prepared<()>, VaultError> {
        Ok(Prepared::reading((), self.subject()))
    }
}
