use strongroom_domain::{Action, Principal, ServiceName, TenantId, VelocityLimits};

use crate::audit::EventDraft;
use crate::pipeline::{Access, Operation, Permit, Prepared, run};
use crate::registry::NewRow;
use crate::vault::Core;
use crate::velocity::DefaultVelocityLimits;
use crate::{Call, Vault, VaultError};

/// What bounds an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VelocityLimitsView {
    /// Which one.
    pub service: ServiceName,
    /// The limits of its own.
    pub limits: VelocityLimits,
    /// Those that bound it otherwise, on the node that was asked.
    pub defaults: DefaultVelocityLimits,
}

impl Vault {
    /// How fast values may leave for an identity.
    pub async fn get_velocity_limits(
        &self,
        call: &Call,
        service: &ServiceName,
    ) -> Result<VelocityLimitsView, VaultError> {
        run(&self.core, call, &GetVelocityLimits { tenant: call.principal.tenant(), service }).await
    }

    /// Gives an identity these limits of its own and no others, from the next request on. What it has used up stays used up.
    pub async fn set_velocity_limits(
        &self,
        call: &Call,
        service: &ServiceName,
        limits: VelocityLimits,
    ) -> Result<VelocityLimitsView, VaultError> {
        let operation = SetVelocityLimits { principal: &call.principal, service, limits };
        run(&self.core, call, &operation).await
    }
}

struct GetVelocityLimits<'a> {
    tenant: &'a TenantId,
    service: &'a ServiceName,
}

impl Operation for GetVelocityLimits<'_> {
    type Output = VelocityLimitsView;

    const ACTION: Action = Action::VelocityLimitsGet;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.service)
    }

    async fn prepare(
        &self,
        _permit: &Permit,
        core: &Core,
    ) -> Result<Prepared<VelocityLimitsView>, VaultError> {
        let snapshot = core.snapshot();
        let identity = snapshot.identity(self.tenant, self.service).ok_or(VaultError::NotFound)?;
        let view = VelocityLimitsView {
            service: self.service.clone(),
            limits: identity.row.velocity_limits.clone(),
            defaults: core.settings.velocity,
        };
        Ok(Prepared::reading(view, self.subject()))
    }
}

struct SetVelocityLimits<'a> {
    principal: &'a Principal,
    service: &'a ServiceName,
    limits: VelocityLimits,
}

impl Operation for SetVelocityLimits<'_> {
    type Output = VelocityLimitsView;

    const ACTION: Action = Action::VelocityLimitsSet;

    fn access(&self) -> Access {
        Access { concerns_itself: self.principal.id.service() == self.service, ..Access::default() }
    }

    /// The limits themselves are part of what is recorded: who reviews it sees what was allowed.
    fn subject(&self) -> EventDraft {
        let limits = self.limits.to_string();
        let shown = if limits.is_empty() { "defaults" } else { &limits };
        EventDraft::success().object(format_args!("{}: {shown}", self.service))
    }

    async fn prepare(
        &self,
        _permit: &Permit,
        core: &Core,
    ) -> Result<Prepared<VelocityLimitsView>, VaultError> {
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let identity =
            snapshot.identity(self.principal.tenant(), self.service).ok_or(VaultError::NotFound)?;
        let view = VelocityLimitsView {
            service: self.service.clone(),
            limits: self.limits.clone(),
            defaults: core.settings.velocity,
        };
        if identity.row.velocity_limits == self.limits {
            return Ok(Prepared::reading(view, self.subject()));
        }
        let mut row = identity.row.clone();
        row.velocity_limits = self.limits.clone();
        let change = core.registry().plan(turn, vec![NewRow::Identity(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}
