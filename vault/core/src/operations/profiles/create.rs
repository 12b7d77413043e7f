use strongroom_domain::{Action, Correlation, Principal, Reuse, TokenProfile};

use super::ProfileView;
use crate::audit::EventDraft;
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::ports::store::ProfileRow;
use crate::ports::{Approval, ApprovalRequest, ApprovalSubject};
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
        refuse_correlation(self.principal, &self.profile, core).await?;
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

/// Where equal values have the same token, what stands beside it must leave enough card numbers that it may be. Fewer are a
/// matter for two.
async fn refuse_correlation(
    principal: &Principal,
    profile: &TokenProfile,
    core: &Core,
) -> Result<(), VaultError> {
    let Correlation {
        equal_values_show, first_digits, last_digits, shortest_card, card_numbers_left, ..
    } = profile.correlation();
    let least = core.settings.least_card_numbers;
    if !equal_values_show || card_numbers_left >= least {
        return Ok(());
    }
    let subject = ApprovalSubject::CorrelatableProfile { profile: profile.name.clone(), card_numbers_left };
    match core.approvals().approval(&ApprovalRequest { principal, subject: &subject }).await {
        Approval::Granted => Ok(()),
        Approval::Missing => Err(VaultError::ApprovalRequired(format!(
            "a deterministic token beside the first {first_digits} and last {last_digits} digits of a card number of \
             {shortest_card} digits leaves {card_numbers_left} numbers that it may be, and at least {least} must be \
             left: show fewer digits, or take longer numbers only (min_card_digits)"
        ))),
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
