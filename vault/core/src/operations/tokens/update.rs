use strongroom_domain::{Action, Alias, KeyPurpose, Tag, TenantId, Timestamp, TokenProfile, TokenReference};

use super::live::live;
use super::named::{check_counts, find_named, renamed};
use super::value::{open_metadata, open_value, seal_metadata, seal_value};
use super::{Metadata, SetChange, TokenView};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::Effect;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// What is to be different about a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenUpdate {
    /// All of its metadata from now on; as they are if `None`.
    pub metadata: Option<Metadata>,
    /// When it is to end, `Some(None)` for never; as it is if `None`.
    pub expires_at: Option<Option<Timestamp>>,
    /// Which aliases it gets and loses. One that it loses is free for any token.
    pub aliases: SetChange<Alias>,
    /// Which tags it gets and loses.
    pub tags: SetChange<Tag>,
}

impl Vault {
    /// Changes a token's metadata, end, aliases and tags. All are sealed with the value, which is therefore sealed anew under the current
    /// version of the key; it goes nowhere.
    pub async fn update_token(
        &self,
        call: &Call,
        token: impl Into<TokenReference>,
        update: &TokenUpdate,
    ) -> Result<TokenView, VaultError> {
        let (tenant, token) = (call.principal.tenant(), token.into());
        run(&self.core, call, &UpdateToken { tenant, token, update }).await
    }
}

struct UpdateToken<'a> {
    tenant: &'a TenantId,
    token: TokenReference,
    update: &'a TokenUpdate,
}

impl Operation for UpdateToken<'_> {
    type Output = TokenView;

    const ACTION: Action = Action::TokenUpdate;

    const ASKS_FOR_TOKENS: bool = true;

    fn subject(&self) -> EventDraft {
        EventDraft::success().presented(&self.token)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<TokenView>, VaultError> {
        let snapshot = core.snapshot();
        let state = snapshot.tenant(self.tenant)?;
        let key = state.built_in_key(KeyPurpose::Tokenization)?;
        let now = core.clock().now();
        let row = live(find_named(core.store(), self.tenant, &self.token).await?, now)?;
        let mut revised = row.revised();
        if let Some(expires_at) = self.update.expires_at {
            check_end(expires_at, row.created_at, now, state.profile(&row.profile)?)?;
            revised.expires_at = expires_at;
        }
        revised.aliases = self.update.aliases.applied_to(&row.aliases)?;
        revised.tags = self.update.tags.applied_to(&row.tags)?;
        check_counts(&revised.aliases, &revised.tags)?;
        let new: Vec<Alias> = revised.aliases.difference(&row.aliases).cloned().collect();
        if !new.is_empty() && !core.store().find_aliases(self.tenant, &new).await?.is_empty() {
            return Err(VaultError::AliasTaken);
        }
        // Opened even if it is replaced: what is sealed anew must have been whole before.
        let before = open_metadata(core, &snapshot, key, &row).await?;
        let metadata = self.update.metadata.clone().unwrap_or(before);
        let current = key.current()?;
        let working = core.working_key(&snapshot, current).await?;
        if row.envelope.is_some() {
            let value = open_value(core, &snapshot, key, &row).await?;
            revised.envelope = Some(seal_value(&value, &working, current, core.entropy(), &revised)?);
        }
        revised.metadata_envelope = seal_metadata(&metadata, &working, current, core.entropy(), &revised)?;
        let event = self
            .subject()
            .object(&row.token)
            .profile(&row.profile)
            .row_version(revised.row_version)
            .key(key.row.key_id, current.row.version);
        let output = TokenView::of(&revised, metadata, None);
        let mut effects = renamed(Some(&row), &revised);
        effects.push(Effect::ReviseToken { row: Box::new(revised), at: now });
        Ok(Prepared { output, effects, events: vec![event], on_commit: None })
    }
}

/// A token may live as long as its profile says, counted from when it was made, and no longer.
fn check_end(
    end: Option<Timestamp>,
    created_at: Timestamp,
    now: Timestamp,
    profile: &TokenProfile,
) -> Result<(), VaultError> {
    if end.is_some_and(|end| end <= now) {
        return Err(VaultError::Invalid("expires_at must be in the future; to end a token now, delete it"));
    }
    let latest = created_at.plus(profile.ttl.unwrap_or(TokenProfile::MAX_TTL));
    match end {
        Some(end) if end > latest => {
            Err(VaultError::Invalid("expires_at must not exceed the profile's time to live"))
        }
        None if profile.ttl.is_some() => {
            Err(VaultError::Invalid("tokens of this profile have an end: expires_at must not be null"))
        }
        _ => Ok(()),
    }
}
