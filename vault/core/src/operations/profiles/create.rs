use strongroom_domain::{Action, Principal, Reuse, TokenProfile};

use super::ProfileView;
use crate::audit::EventDraft;
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::ports::store::ProfileRow;
use crate::registry::{NewRow, TenantState};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Makes a token profile.
    pub async fn create_profile(
        &self,
        call: &Call,
        profile: TokenProfile,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&ProfileView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        run_once(&self.core, call, CreateProfile { principal: &call.principal, profile }, idempotency, render)
            .await
    }
}

struct CreateProfile<'a> {
    principal: &'a Principal,
    profile: TokenProfile,
}

impl Operation for CreateProfile<'_> {
    type Output = ProfileView;

    const ACTION: Action = Action::ProfileCreate;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(&self.profile.name)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<ProfileView>, VaultError> {
        self.profile.validate()?;
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let tenant = self.principal.tenant();
        let state = snapshot.tenant(tenant)?;
        if state.profile(&self.profile.name).is_ok() {
            return Err(VaultError::AlreadyExists);
        }
        if disagrees_in_scope(state, &self.profile) {
            return Err(VaultError::Invalid(
                "deterministic profiles that share a scope share its tokens, so all but their names must agree",
            ));
        }
        let view = ProfileView {
            profile: self.profile.clone(),
            created_at: core.clock().now(),
            created_by: self.principal.id.to_string(),
        };
        let row = ProfileRow {
            tenant: tenant.clone(),
            profile: view.profile.clone(),
            created_at: view.created_at,
            created_by: view.created_by.clone(),
        };
        let change = core.registry().plan(turn, vec![NewRow::Profile(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}

/// Within a scope a value has one deterministic token, whichever profile asked for it first; so two profiles may share
/// a scope only if they would make the same kind of token.
fn disagrees_in_scope(state: &TenantState, profile: &TokenProfile) -> bool {
    profile.reuse == Reuse::Deterministic
        && state.profiles().map(|row| &row.profile).any(|other| {
            let renamed = TokenProfile { name: profile.name.clone(), ..other.clone() };
            other.reuse == Reuse::Deterministic && other.scope == profile.scope && renamed != *profile
        })
}
