use strongroom_crypto::document_v1::{in_place, replaced};
use strongroom_domain::{Action, Secret, TenantId};

use super::{DocumentRequest, SealedDocument, scheme_for_documents};
use crate::audit::EventDraft;
use crate::operations::crypto::{Drawn, Opener};
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Opens fields of a document and seals them under the key's current version, in the same places. The plaintext goes
    /// nowhere.
    pub async fn reencrypt_document(
        &self,
        call: &Call,
        request: &DocumentRequest,
    ) -> Result<SealedDocument, VaultError> {
        run(&self.core, call, &ReencryptDocument { tenant: call.principal.tenant(), request }).await
    }
}

struct ReencryptDocument<'a> {
    tenant: &'a TenantId,
    request: &'a DocumentRequest,
}

impl Operation for ReencryptDocument<'_> {
    type Output = SealedDocument;

    const ACTION: Action = Action::Reencrypt;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(&self.request.key)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<SealedDocument>, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.key(&self.request.key)?;
        let scheme = scheme_for_documents(key)?;
        let version = key.current()?;
        let selected = self.request.select()?;
        let tool = core.tool(&snapshot, key, version).await?;
        let salts = Drawn::salts(if scheme.takes_salt() { selected.len() } else { 0 }, core.entropy())?;
        let place = scheme.place(self.tenant, &self.request.context);
        let mut opener = Opener::new(core, &snapshot, key, self.tenant)?;
        let text = self.request.text();
        let mut sealed = Vec::with_capacity(selected.len());
        for one in &selected {
            let place = one.place(&place);
            let opened = opener.open_at(&one.ciphertext(text)?, None, &place).await?;
            let renewed = scheme.seal(core, (&tool, version), &salts, &place, &opened.plaintext).await?;
            sealed.push(in_place(&renewed));
        }
        let by: Vec<&str> = sealed.iter().map(String::as_str).collect();
        let document = Secret::new(replaced(text, &selected, &by));
        let key_version = version.row.version;
        let event = self.subject().key(version.row.key_id, key_version).count(selected.len());
        Ok(Prepared::reading(SealedDocument { document, values: selected.len(), key_version }, event))
    }
}
