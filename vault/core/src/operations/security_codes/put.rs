use strongroom_crypto::fields_v1;
use strongroom_domain::{Action, Brand, Shown, TenantId, Timestamp, Token, TokenReference};

use super::place::{FIELD, place};
use super::{CheckedSecurityCode, NOT_A_CARD, SecurityCodeInput};
use crate::audit::EventDraft;
use crate::operations::tokens::{find_named, live};
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::{Effect, SecurityCodeRow};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Keeps a card's security code, in place of any before it, until the result of its authorisation is reported or its time
    /// is over. Returns when that is.
    pub async fn put_security_code(
        &self,
        call: &Call,
        token: impl Into<TokenReference>,
        input: &SecurityCodeInput,
    ) -> Result<Timestamp, VaultError> {
        let (tenant, token) = (call.principal.tenant(), token.into());
        run(&self.core, call, &PutSecurityCode { tenant, token, input }).await
    }
}

struct PutSecurityCode<'a> {
    tenant: &'a TenantId,
    token: TokenReference,
    input: &'a SecurityCodeInput,
}

impl Operation for PutSecurityCode<'_> {
    type Output = Timestamp;

    const ACTION: Action = Action::PutSecurityCode;

    const ASKS_FOR_TOKENS: bool = true;

    fn subject(&self) -> EventDraft {
        EventDraft::success().presented(&self.token)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Timestamp>, VaultError> {
        let found = find_named(core.store(), self.tenant, &self.token).await?;
        let row = live(found, core.clock().now())?;
        let Shown::Card { brand, .. } = &row.shown else { return Err(NOT_A_CARD) };
        let brand = brand.unwrap_or(Brand::Unknown);
        let checked = CheckedSecurityCode::of(&self.input.code, self.input.ttl, brand)?;
        if row.envelope.is_none() {
            // Without a number there is nothing that it could authorise.
            return Err(VaultError::TokenNotReversible);
        }
        let sealed = seal_security_code(core, self.tenant, (&row.token, row.expires_at), &checked).await?;
        let event = self.subject().object(&row.token).profile(&row.profile);
        let output = sealed.expires_at;
        let effects = vec![Effect::PutSecurityCode(Box::new(sealed))];
        Ok(Prepared { output, effects, events: vec![event], on_commit: None })
    }
}

/// Seals a code for the card of this token. It ends with the token at the latest.
pub(crate) async fn seal_security_code(
    core: &Core,
    tenant: &TenantId,
    (token, token_ends): (&Token, Option<Timestamp>),
    checked: &CheckedSecurityCode,
) -> Result<SecurityCodeRow, VaultError> {
    let key = core.security_codes.current(core).await?;
    let created_at = core.clock().now();
    let end = created_at.plus(checked.ttl);
    let mut row = SecurityCodeRow {
        tenant: tenant.clone(),
        token: token.clone(),
        period: key.period(),
        envelope: Vec::new(),
        created_at,
        expires_at: token_ends.map_or(end, |token_ends| end.min(token_ends)),
    };
    #[expect(clippy::disallowed_methods, reason = "the code is written down to be sealed")]
    let plain = fields_v1::encode(&[(FIELD, checked.code.secret().expose().as_bytes())])
        .map_err(|_| VaultError::Internal("a security code could not be encoded"))?;
    #[expect(clippy::disallowed_methods, reason = "the code goes into the seal and nowhere else")]
    let envelope = key.seal(core.entropy(), &place(&row), plain.expose())?;
    row.envelope = envelope;
    Ok(row)
}
