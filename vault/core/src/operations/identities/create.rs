use strongroom_domain::{Action, Principal, ServiceName, SpiffeId, Timestamp, VelocityLimits};

use super::{IdentityView, check_expiry, check_reason};
use crate::audit::EventDraft;
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::ports::store::IdentityRow;
use crate::registry::NewRow;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// An identity to be made known.
#[derive(Debug, Clone)]
pub struct NewIdentity {
    /// The service, as its certificate will name it.
    pub service: ServiceName,
    /// Why.
    pub reason: String,
    /// From when on it is as good as gone.
    pub expires_at: Option<Timestamp>,
}

impl Vault {
    /// Makes an identity known. It may do nothing until it is appointed to a role.
    pub async fn create_identity(
        &self,
        call: &Call,
        identity: NewIdentity,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&IdentityView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        run_once(
            &self.core,
            call,
            CreateIdentity { principal: &call.principal, identity },
            idempotency,
            render,
        )
        .await
    }
}

struct CreateIdentity<'a> {
    principal: &'a Principal,
    identity: NewIdentity,
}

impl Operation for CreateIdentity<'_> {
    type Output = IdentityView;

    const ACTION: Action = Action::IdentityCreate;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(&self.identity.service)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<IdentityView>, VaultError> {
        check_reason(&self.identity.reason)?;
        let now = core.clock().now();
        check_expiry(self.identity.expires_at, now)?;
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let tenant = self.principal.tenant();
        snapshot.tenant(tenant)?;
        if snapshot.identity(tenant, &self.identity.service).is_some() {
            return Err(VaultError::AlreadyExists);
        }
        let row = IdentityRow {
            tenant: tenant.clone(),
            service: self.identity.service.clone(),
            reason: self.identity.reason.clone(),
            created_at: now,
            created_by: self.principal.id.to_string(),
            expires_at: self.identity.expires_at,
            disabled_at: None,
            velocity_limits: VelocityLimits::NONE,
            last_used_at: None,
        };
        let trust_domain = snapshot.cluster.trust_domain.clone();
        let view = IdentityView {
            service: row.service.clone(),
            spiffe_id: SpiffeId::new(trust_domain, tenant.clone(), row.service.clone()),
            reason: row.reason.clone(),
            created_at: now,
            created_by: row.created_by.clone(),
            expires_at: row.expires_at,
            disabled_at: None,
            last_used_at: None,
            grants: Vec::new(),
        };
        let change = core.registry().plan(turn, vec![NewRow::Identity(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}
