use strongroom_domain::{Action, LineFormat, Principal};

use super::progress::{ImportTerms, Work};
use super::running::Job;
use super::view::JobView;
use crate::audit::EventDraft;
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Begins an import. Nothing becomes a token before its part is handed in.
    pub async fn begin_import(
        &self,
        call: &Call,
        terms: ImportTerms,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&JobView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        run_once(&self.core, call, BeginImport { principal: &call.principal, terms }, idempotency, render)
            .await
    }
}

struct BeginImport<'a> {
    principal: &'a Principal,
    terms: ImportTerms,
}

impl Operation for BeginImport<'_> {
    type Output = JobView;

    const ACTION: Action = Action::TokenImport;

    fn subject(&self) -> EventDraft {
        EventDraft::success().profile(&self.terms.profile)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<JobView>, VaultError> {
        // What would fail for every line fails here.
        core.snapshot().tenant(self.principal.tenant())?.profile(&self.terms.profile)?;
        // The header of CSV is a line of the file, and is named here.
        let lines = u64::from(self.terms.format == LineFormat::Csv);
        let job = Job::new(core, self.principal, Work::Import { terms: self.terms.clone(), lines })?;
        let event = self.subject().object(&job.row.job).row_version(1);
        let effects = vec![job.insert(core).await?];
        Ok(Prepared { output: JobView::from(&job), effects, events: vec![event], on_commit: None })
    }
}
