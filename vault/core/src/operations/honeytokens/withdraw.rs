use strongroom_domain::{Action, Principal};

use super::HoneytokenView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::{HoneytokenId, HoneytokenRow};
use crate::registry::NewRow;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Takes a mark away: the token is one like any other again.
    pub async fn withdraw_honeytoken(
        &self,
        call: &Call,
        honeytoken: HoneytokenId,
    ) -> Result<HoneytokenView, VaultError> {
        run(&self.core, call, &WithdrawHoneytoken { principal: &call.principal, honeytoken }).await
    }
}

struct WithdrawHoneytoken<'a> {
    principal: &'a Principal,
    honeytoken: HoneytokenId,
}

impl Operation for WithdrawHoneytoken<'_> {
    type Output = HoneytokenView;

    const ACTION: Action = Action::HoneytokenWithdraw;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.honeytoken)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<HoneytokenView>, VaultError> {
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let known = snapshot
            .tenant(self.principal.tenant())?
            .honeytoken(self.honeytoken)
            .ok_or(VaultError::NotFound)?;
        if known.withdrawn_at.is_some() {
            return Ok(Prepared::reading(HoneytokenView::of(known), self.subject()));
        }
        let row = HoneytokenRow {
            withdrawn_at: Some(core.clock().now()),
            withdrawn_by: Some(self.principal.id.to_string()),
            ..HoneytokenRow::clone(known)
        };
        let view = HoneytokenView::of(&row);
        let change = core.registry().plan(turn, vec![NewRow::Honeytoken(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}
