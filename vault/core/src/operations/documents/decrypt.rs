use strongroom_crypto::document_v1::replaced;
use strongroom_domain::{Action, Secret, TenantId, VelocityCounter};

use super::{DocumentRequest, OpenedDocument, scheme_for_documents};
use crate::audit::EventDraft;
use crate::operations::crypto::Opener;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Opens fields of a document, sealed by any version of the key that may still process data.
    pub async fn decrypt_document(
        &self,
        call: &Call,
        request: &DocumentRequest,
    ) -> Result<OpenedDocument, VaultError> {
        run(&self.core, call, &DecryptDocument { tenant: call.principal.tenant(), request }).await
    }
}

struct DecryptDocument<'a> {
    tenant: &'a TenantId,
    request: &'a DocumentRequest,
}

impl Operation for DecryptDocument<'_> {
    type Output = OpenedDocument;

    const ACTION: Action = Action::Decrypt;

    fn counter(&self) -> Option<VelocityCounter> {
        Some(VelocityCounter::DECRYPT)
    }

    fn items(&self, output: &Self::Output) -> usize {
        output.values
    }

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(&self.request.key)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<OpenedDocument>, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.key(&self.request.key)?;
        let scheme = scheme_for_documents(key)?;
        let place = scheme.place(self.tenant, &self.request.context);
        let mut opener = Opener::new(core, &snapshot, key, self.tenant)?;
        let selected = self.request.select()?;
        let text = self.request.text();
        let mut opened = Vec::with_capacity(selected.len());
        for one in &selected {
            let item = opener.open_at(&one.ciphertext(text)?, None, &one.place(&place)).await?;
            opened.push(item.plaintext);
        }
        #[expect(clippy::disallowed_methods, reason = "back into the document, which stays secret")]
        let by = opened.iter().map(|value| std::str::from_utf8(value.expose()));
        let by = by.collect::<Result<Vec<_>, _>>().map_err(|_| VaultError::IntegrityFailure)?;
        let document = Secret::new(replaced(text, &selected, &by));
        let event = self.subject().count(selected.len());
        Ok(Prepared::reading(OpenedDocument { document, values: selected.len() }, event))
    }
}
