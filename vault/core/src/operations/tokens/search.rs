use strongroom_domain::{Action, KeyPurpose, ProfileName, TenantId, VelocityCounter};

use super::create::fingerprint_working_keys;
use super::live::live;
use super::plan::{fingerprint_keys, shown_fingerprint};
use super::value::open_metadata;
use super::{TokenView, ValueInput};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A value has few tokens; more than this is a profile used for something it was not made for.
const MOST: usize = 1000;

impl Vault {
    /// The live tokens of a value, of one profile.
    pub async fn search_tokens(
        &self,
        call: &Call,
        value: &ValueInput,
        profile: &ProfileName,
    ) -> Result<Vec<TokenView>, VaultError> {
        run(&self.core, call, &SearchTokens { tenant: call.principal.tenant(), value, profile }).await
    }
}

struct SearchTokens<'a> {
    tenant: &'a TenantId,
    value: &'a ValueInput,
    profile: &'a ProfileName,
}

impl Operation for SearchTokens<'_> {
    type Output = Vec<TokenView>;

    const ACTION: Action = Action::TokenSearch;

    /// Each search tells whether a value is here: whoever may try them all finds out every one that is.
    fn counter(&self) -> Option<VelocityCounter> {
        Some(VelocityCounter::SEARCH)
    }

    fn items(&self, _output: &Self::Output) -> usize {
        1
    }

    fn subject(&self) -> EventDraft {
        EventDraft::success().profile(self.profile).count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let state = snapshot.tenant(self.tenant)?;
        let profile = state.profile(self.profile)?;
        let parsed = self.value.parse(core, &snapshot, state, profile).await?;
        if parsed.security_code.is_some() {
            return Err(VaultError::Invalid("nothing is found by a security code: send the card without it"));
        }
        let value = parsed.value;
        let key = state.built_in_key(KeyPurpose::Tokenization)?;
        let keys = fingerprint_working_keys(core, &snapshot, key).await?;
        let wanted = fingerprint_keys(&value, self.tenant, profile, &keys);
        let least = core.settings.least_card_numbers;
        let fingerprint = wanted.first().and_then(|key| shown_fingerprint(key, &value, profile, least));
        let mut tokens: Vec<_> = core
            .store()
            .find_fingerprints(self.tenant, &wanted)
            .await?
            .into_iter()
            .map(|row| row.token)
            .collect();
        tokens.sort_unstable();
        tokens.dedup();
        tokens.truncate(MOST);
        let now = core.clock().now();
        let mut found = Vec::with_capacity(tokens.len());
        for row in core.store().find_tokens(self.tenant, &tokens).await? {
            if let Ok(row) = live(Some(row), now)
                && row.profile == *self.profile
            {
                let metadata = open_metadata(core, &snapshot, key, &row).await?;
                found.push(TokenView::of(&row, metadata, fingerprint));
            }
        }
        found.sort_by(|one, other| (one.created_at, &one.token).cmp(&(other.created_at, &other.token)));
        let touched = found.iter().map(|token| token.token.clone()).collect();
        let event = self.subject().count(found.len()).touching(touched);
        Ok(Prepared::reading(found, event))
    }
}
