use strongroom_domain::{Action, TenantId, Token, TokenReference, TokenState};

use crate::audit::EventDraft;
use crate::operations::tokens::find_named;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::Effect;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// How the payment ended that a security code was handed in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorisationResult {
    /// The issuer authorised it.
    Approved,
    /// The issuer refused it.
    Declined,
    /// Nobody will be asked any more.
    Abandoned,
}

impl AuthorisationResult {
    /// The name in metrics.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Abandoned => "abandoned",
        }
    }
}

impl Vault {
    /// Takes note of the result of an authorisation, whichever it is, and destroys the security code. Told again, it finds
    /// nothing left to do.
    pub async fn report_authorisation(
        &self,
        call: &Call,
        token: impl Into<TokenReference>,
        result: AuthorisationResult,
    ) -> Result<(), VaultError> {
        let (tenant, token) = (call.principal.tenant(), token.into());
        run(&self.core, call, &ConsumeSecurityCode { tenant, token }).await?;
        metrics::counter!("strongroom_authorisations_reported_total", "result" => result.as_str())
            .increment(1);
        Ok(())
    }
}

struct ConsumeSecurityCode<'a> {
    tenant: &'a TenantId,
    token: TokenReference,
}

impl Operation for ConsumeSecurityCode<'_> {
    type Output = ();

    const ACTION: Action = Action::ReportAuthorisation;

    const ASKS_FOR_TOKENS: bool = true;

    fn subject(&self) -> EventDraft {
        EventDraft::success().presented(&self.token).count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<()>, VaultError> {
        // Also of a token that has ended meanwhile: a single use may have been this payment's.
        let row = find_named(core.store(), self.tenant, &self.token).await?;
        let row = row.filter(|row| row.state != TokenState::Deleted).ok_or(VaultError::NotFound)?;
        let there_is_one = core.store().find_security_code(&row.tenant, &row.token).await?.is_some();
        let event = self.subject().object(&row.token).profile(&row.profile).count(there_is_one.into());
        let effects = vec![forget(&row.tenant, &row.token)];
        Ok(Prepared { output: (), effects, events: vec![event], on_commit: None })
    }
}

/// The end of a token's security code, if it has one.
pub(crate) fn forget(tenant: &TenantId, token: &Token) -> Effect {
    Effect::DeleteSecurityCode { tenant: tenant.clone(), token: token.clone(), expired_by: None }
}
