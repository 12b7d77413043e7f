use strongroom_domain::{Action, KeyPurpose, TenantId};

use super::TokenView;
use super::value::open_metadata;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::TokenCursor;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A part of a list of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPage {
    /// The tokens, oldest first. Expired ones are among them, deleted ones are not.
    pub tokens: Vec<TokenView>,
    /// Where the next part begins, if there is one.
    pub next: Option<TokenCursor>,
}

impl Vault {
    /// The tenant's tokens after the cursor, without their values.
    pub async fn list_tokens(
        &self,
        call: &Call,
        after: Option<&TokenCursor>,
        limit: u32,
    ) -> Result<TokenPage, VaultError> {
        run(&self.core, call, &ListTokens { tenant: call.principal.tenant(), after, limit }).await
    }
}

struct ListTokens<'a> {
    tenant: &'a TenantId,
    after: Option<&'a TokenCursor>,
    limit: u32,
}

impl Operation for ListTokens<'_> {
    type Output = TokenPage;

    const ACTION: Action = Action::TokenList;

    fn subject(&self) -> EventDraft {
        EventDraft::success().count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<TokenPage>, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.built_in_key(KeyPurpose::Tokenization)?;
        let mut rows =
            core.store().list_tokens(self.tenant, self.after, self.limit.saturating_add(1)).await?;
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let next = rows.last().filter(|_| more);
        let next = next.map(|row| TokenCursor { created_at: row.created_at, token: row.token.clone() });
        let mut tokens = Vec::with_capacity(rows.len());
        for row in &rows {
            tokens.push(TokenView::of(row, open_metadata(core, &snapshot, key, row).await?, None));
        }
        let event = self.subject().count(tokens.len());
        Ok(Prepared::reading(TokenPage { tokens, next }, event))
    }
}
