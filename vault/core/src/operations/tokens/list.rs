use strongroom_domain::{Action, Alias, KeyPurpose, TenantId, TokenReference};

use super::TokenView;
use super::named::find_named;
use super::value::open_metadata;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::{TokenCursor, TokenFilter, TokenRow};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A part of a list of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPage {
    /// The tokens, oldest first, or soonest end first if an end was asked for. Expired ones are among them, deleted ones are
    /// not.
    pub tokens: Vec<TokenView>,
    /// Where the next part begins, if there is one.
    pub next: Option<TokenCursor>,
}

/// Which tokens, and which part of their list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenQuery {
    /// Which tokens.
    pub filter: TokenFilter,
    /// The one with this alias, if it matches.
    pub alias: Option<Alias>,
    /// The part after this place.
    pub after: Option<TokenCursor>,
    /// How many of them at most.
    pub limit: u32,
}

impl Vault {
    /// The tenant's tokens that match, without their values.
    pub async fn list_tokens(&self, call: &Call, query: &TokenQuery) -> Result<TokenPage, VaultError> {
        run(&self.core, call, &ListTokens { tenant: call.principal.tenant(), query }).await
    }
}

struct ListTokens<'a> {
    tenant: &'a TenantId,
    query: &'a TokenQuery,
}

impl ListTokens<'_> {
    /// One more than were asked for, to see whether there are more.
    async fn rows(&self, core: &Core) -> Result<Vec<TokenRow>, VaultError> {
        let TokenQuery { filter, alias, after, limit } = self.query;
        let Some(alias) = alias else {
            let limit = limit.saturating_add(1);
            return Ok(core.store().list_tokens(self.tenant, filter, after.as_ref(), limit).await?);
        };
        let row = find_named(core.store(), self.tenant, &TokenReference::Alias(alias.clone())).await?;
        // The only one, so there is nothing after it.
        Ok(row.filter(|row| after.is_none() && filter.matches(self.tenant, row)).into_iter().collect())
    }
}

impl Operation for ListTokens<'_> {
    type Output = TokenPage;

    const ACTION: Action = Action::TokenList;

    fn subject(&self) -> EventDraft {
        match &self.query.alias {
            Some(alias) => EventDraft::success().presented(&TokenReference::Alias(alias.clone())).count(0),
            None => EventDraft::success().count(0),
        }
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<TokenPage>, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.built_in_key(KeyPurpose::Tokenization)?;
        let limit = self.query.limit as usize;
        let mut rows = self.rows(core).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| self.query.filter.position(row));
        let mut tokens = Vec::with_capacity(rows.len());
        for row in &rows {
            tokens.push(TokenView::of(row, open_metadata(core, &snapshot, key, row).await?, None));
        }
        let event = self.subject().count(tokens.len());
        Ok(Prepared::reading(TokenPage { tokens, next }, event))
    }
}
