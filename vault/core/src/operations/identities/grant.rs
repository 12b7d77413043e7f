use strongroom_domain::{Action, Principal, Role, ServiceName, Timestamp};

use super::{GrantView, check_expiry, check_reason};
use crate::audit::EventDraft;
use crate::pipeline::{Access, Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::ports::store::{GrantId, GrantRow};
use crate::registry::NewRow;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// An appointment to be made.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// To which role.
    pub role: Role,
    /// Whether by this appointment values leave encrypted to a key of the identity, and not otherwise.
    pub encrypted_only: bool,
    /// Why.
    pub reason: String,
    /// From when on it no longer holds.
    pub expires_at: Option<Timestamp>,
}

impl Vault {
    /// Appoints an identity to a role. Refused if it would join data roles with administration roles.
    pub async fn create_grant(
        &self,
        call: &Call,
        service: &ServiceName,
        grant: NewGrant,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&GrantView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        let operation = CreateGrant { principal: &call.principal, service, grant };
        run_once(&self.core, call, operation, idempotency, render).await
    }
}

struct CreateGrant<'a> {
    principal: &'a Principal,
    service: &'a ServiceName,
    grant: NewGrant,
}

impl Operation for CreateGrant<'_> {
    type Output = GrantView;

    const ACTION: Action = Action::GrantCreate;

    fn access(&self) -> Access {
        Access {
            granted: Some(self.grant.role),
            concerns_itself: self.principal.id.service() == self.service,
            ..Access::default()
        }
    }

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(format_args!("{}/{}", self.service, self.grant.role))
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<GrantView>, VaultError> {
        check_reason(&self.grant.reason)?;
        let now = core.clock().now();
        check_expiry(self.grant.expires_at, now)?;
        if self.grant.encrypted_only && self.grant.role != Role::Detokenizer {
            return Err(VaultError::Invalid("encrypted_only goes with the role detokenizer"));
        }
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let tenant = self.principal.tenant();
        let identity = snapshot.identity(tenant, self.service).ok_or(VaultError::NotFound)?;
        if !identity.is_in_force(now) {
            return Err(VaultError::Invalid("the identity is disabled or has expired"));
        }
        let held = identity.roles(now);
        if held.contains(self.grant.role) {
            return Err(VaultError::AlreadyExists);
        }
        if held.with(self.grant.role).is_exclusive_conflict() {
            return Err(VaultError::Invalid(
                "one identity cannot hold a data role and an administration role",
            ));
        }
        let mut id = [0; 8];
        core.entropy().fill(&mut id)?;
        let row = GrantRow {
            tenant: tenant.clone(),
            grant: GrantId(id),
            service: self.service.clone(),
            role: self.grant.role,
            encrypted_only: self.grant.encrypted_only,
            reason: self.grant.reason.clone(),
            granted_at: now,
            granted_by: self.principal.id.to_string(),
            expires_at: self.grant.expires_at,
            revoked_at: None,
            revoked_by: None,
            last_used_at: None,
        };
        let view = GrantView {
            id: row.grant,
            role: row.role,
            encrypted_only: row.encrypted_only,
            reason: row.reason.clone(),
            granted_at: now,
            granted_by: row.granted_by.clone(),
            expires_at: row.expires_at,
            revoked_at: None,
            revoked_by: None,
            last_used_at: None,
        };
        let change = core.registry().plan(turn, vec![NewRow::Grant(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}
