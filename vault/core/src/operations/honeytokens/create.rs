use strongroom_domain::{Action, Principal, TokenReference};

use super::HoneytokenView;
use crate::audit::EventDraft;
use crate::operations::check_reason;
use crate::operations::tokens::find_live;
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::ports::store::{HoneytokenId, HoneytokenRow};
use crate::registry::NewRow;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A token to be marked.
#[derive(Debug, Clone)]
pub struct NewHoneytoken {
    /// The token, made before by a service whose tokens it is to stand among.
    pub token: TokenReference,
    /// What it is there for. Does not name the token.
    pub reason: String,
}

impl Vault {
    /// Marks a token: from now on each use of it raises an alarm, and it works as before.
    pub async fn create_honeytoken(
        &self,
        call: &Call,
        honeytoken: NewHoneytoken,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&HoneytokenView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        let operation = CreateHoneytoken { principal: &call.principal, honeytoken };
        run_once(&self.core, call, operation, idempotency, render).await
    }
}

struct CreateHoneytoken<'a> {
    principal: &'a Principal,
    honeytoken: NewHoneytoken,
}

impl Operation for CreateHoneytoken<'_> {
    type Output = HoneytokenView;

    const ACTION: Action = Action::HoneytokenCreate;

    const ASKS_FOR_TOKENS: bool = true;

    /// Says nothing of the token: the record stands in the same database as the token does.
    fn subject(&self) -> EventDraft {
        EventDraft::success()
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<HoneytokenView>, VaultError> {
        let NewHoneytoken { token, reason } = &self.honeytoken;
        check_reason(reason)?;
        let tenant = self.principal.tenant();
        let named = find_live(core, tenant, token).await?.token;
        if reason.contains(named.as_str()) || reason.contains(&token.to_string()) {
            return Err(VaultError::Invalid("reason must not name the token: it is kept in clear"));
        }
        let mark = core.registry().authenticator().honeytoken_mark(tenant, named.as_str());
        let turn = core.registry().turn().await;
        if core.snapshot().tenant(tenant)?.is_marked(&mark) {
            return Err(VaultError::AlreadyExists);
        }
        let mut id = [0; 8];
        core.entropy().fill(&mut id)?;
        let row = HoneytokenRow {
            tenant: tenant.clone(),
            honeytoken: HoneytokenId(id),
            mark,
            reason: reason.clone(),
            created_at: core.clock().now(),
            created_by: self.principal.id.to_string(),
            withdrawn_at: None,
            withdrawn_by: None,
        };
        let view = HoneytokenView::of(&row);
        let change = core.registry().plan(turn, vec![NewRow::Honeytoken(row)])?;
        let event = self.subject().object(view.id);
        Ok(change.prepared(view, event))
    }
}
