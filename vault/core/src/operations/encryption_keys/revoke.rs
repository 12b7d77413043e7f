use strongroom_domain::{Action, KeyThumbprint, Principal, ServiceName};

use super::EncryptionKeyView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::registry::NewRow;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Ends a public key of an identity, from the next request on. What was encrypted to it stays readable to whoever holds
    /// its private part.
    pub async fn revoke_encryption_key(
        &self,
        call: &Call,
        service: &ServiceName,
        kid: &KeyThumbprint,
    ) -> Result<EncryptionKeyView, VaultError> {
        run(&self.core, call, &RevokeEncryptionKey { principal: &call.principal, service, kid }).await
    }
}

struct RevokeEncryptionKey<'a> {
    principal: &'a Principal,
    service: &'a ServiceName,
    kid: &'a KeyThumbprint,
}

impl Operation for RevokeEncryptionKey<'_> {
    type Output = EncryptionKeyView;

    const ACTION: Action = Action::EncryptionKeyRevoke;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(format_args!("{}/{}", self.service, self.kid))
    }

    async fn prepare(
        &self,
        _permit: &Permit,
        core: &Core,
    ) -> Result<Prepared<EncryptionKeyView>, VaultError> {
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let identity =
            snapshot.identity(self.principal.tenant(), self.service).ok_or(VaultError::NotFound)?;
        let known = identity.encryption_keys.iter().find(|key| key.row.kid == *self.kid);
        let mut row = known.ok_or(VaultError::NotFound)?.row.clone();
        if row.revoked_at.is_some() {
            return Ok(Prepared::reading(EncryptionKeyView::of(&row), self.subject()));
        }
        row.revoked_at = Some(core.clock().now());
        row.revoked_by = Some(self.principal.id.to_string());
        let view = EncryptionKeyView::of(&row);
        let change = core.registry().plan(turn, vec![NewRow::EncryptionKey(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}
