use strongroom_domain::{Action, KeyPurpose, TenantId, TokenReference, TokenState};

use super::create::fingerprint_working_keys;
use super::named::{find_named, renamed};
use super::plan::fingerprint_keys;
use super::value::{open_metadata, open_value};
use crate::audit::EventDraft;
use crate::operations::security_codes::forget;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::{Effect, FingerprintRow, TokenRow};
use crate::registry::Snapshot;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Ends a token and erases its value. The row stays as a tombstone, so the token is never given out again; nor are its
    /// aliases, which others may still hold for the value they knew.
    pub async fn delete_token(
        &self,
        call: &Call,
        token: impl Into<TokenReference>,
    ) -> Result<(), VaultError> {
        run(&self.core, call, &DeleteToken { tenant: call.principal.tenant(), token: token.into() }).await
    }
}

struct DeleteToken<'a> {
    tenant: &'a TenantId,
    token: TokenReference,
}

impl Operation for DeleteToken<'_> {
    type Output = ();

    const ACTION: Action = Action::TokenDelete;

    const ASKS_FOR_TOKENS: bool = true;

    fn subject(&self) -> EventDraft {
        EventDraft::success().presented(&self.token)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<()>, VaultError> {
        let snapshot = core.snapshot();
        let row = find_named(core.store(), self.tenant, &self.token).await?;
        let row = row.filter(|row| row.state == TokenState::Active).ok_or(VaultError::NotFound)?;
        let mut effects = fingerprints_of(core, &snapshot, &row).await?;
        let ended = row.ended(TokenState::Deleted);
        let event = self.subject().object(&row.token).profile(&row.profile).row_version(ended.row_version);
        effects.extend(renamed(Some(&row), &ended));
        effects.push(forget(self.tenant, &row.token));
        effects.push(Effect::ReviseToken { row: Box::new(ended), at: core.clock().now() });
        Ok(Prepared { output: (), effects, events: vec![event], on_commit: None })
    }
}

/// Removes what leads from the value to this token. A one-way token has no value to find them by; its rows lead to a
/// tombstone and are replaced when the value comes again.
pub(super) async fn fingerprints_of(
    core: &Core,
    snapshot: &Snapshot,
    row: &TokenRow,
) -> Result<Vec<Effect>, VaultError> {
    let state = snapshot.tenant(&row.tenant)?;
    let key = state.built_in_key(KeyPurpose::Tokenization)?;
    if row.envelope.is_none() {
        // Nothing to find, but a name that was put there by somebody else must not end it.
        open_metadata(core, snapshot, key, row).await?;
        return Ok(Vec::new());
    }
    let value = open_value(core, snapshot, key, row).await?;
    let keys = fingerprint_working_keys(core, snapshot, key).await?;
    let profile = state.profile(&row.profile)?;
    let rows = fingerprint_keys(&value, &row.tenant, profile, &keys).into_iter().map(|key| FingerprintRow {
        tenant: row.tenant.clone(),
        key,
        token: row.token.clone(),
        deterministic: profile.reuse == strongroom_domain::Reuse::Deterministic,
    });
    Ok(rows.map(Effect::DeleteFingerprint).collect())
}
