use strongroom_domain::{Action, KeyPurpose, TenantId, TokenReference};

use super::TokenView;
use super::live::find_live;
use super::value::open_metadata;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// What may be known of a token without its value.
    pub async fn get_token(
        &self,
        call: &Call,
        token: impl Into<TokenReference>,
    ) -> Result<TokenView, VaultError> {
        run(&self.core, call, &GetToken { tenant: call.principal.tenant(), token: token.into() }).await
    }
}

struct GetToken<'a> {
    tenant: &'a TenantId,
    token: TokenReference,
}

impl Operation for GetToken<'_> {
    type Output = TokenView;

    const ACTION: Action = Action::TokenGet;

    const ASKS_FOR_TOKENS: bool = true;

    fn subject(&self) -> EventDraft {
        EventDraft::success().presented(&self.token)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<TokenView>, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.built_in_key(KeyPurpose::Tokenization)?;
        let row = find_live(core, self.tenant, &self.token).await?;
        let metadata = open_metadata(core, &snapshot, key, &row).await?;
        let event = self.subject().object(&row.token).profile(&row.profile).row_version(row.row_version);
        Ok(Prepared::reading(TokenView::of(&row, metadata, None), event))
    }
}
