use strongroom_crypto::jwe::PublicJwk;
use strongroom_domain::{Action, DetokenizationPurpose, Principal, ProfileName, Reveal, Timestamp};

use super::progress::{ExportTerms, Work};
use super::running::Job;
use super::view::JobView;
use crate::audit::EventDraft;
use crate::pipeline::{Access, Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// Which values are to leave, what for, and who alone will be able to read them.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// The receiver's public key.
    pub receiver: PublicJwk,
    /// What for.
    pub purpose: DetokenizationPurpose,
    /// Tokens of this profile only.
    pub profile: Option<ProfileName>,
    /// Tokens made from then on only.
    pub created_from: Option<Timestamp>,
    /// Tokens made before then only; in any case those made before the job.
    pub created_to: Option<Timestamp>,
}

impl Vault {
    /// Begins an export. No value leaves before somebody else has agreed to this job and this receiver.
    pub async fn begin_export(
        &self,
        call: &Call,
        request: ExportRequest,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&JobView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        run_once(&self.core, call, BeginExport { principal: &call.principal, request }, idempotency, render)
            .await
    }
}

struct BeginExport<'a> {
    principal: &'a Principal,
    request: ExportRequest,
}

impl Operation for BeginExport<'_> {
    type Output = JobView;

    const ACTION: Action = Action::TokenExport;

    fn access(&self) -> Access {
        Access { purpose: Some(self.request.purpose), reveal: Some(Reveal::Full), ..Access::default() }
    }

    fn subject(&self) -> EventDraft {
        let subject = EventDraft::success().count(0).purpose(Some(self.request.purpose));
        match &self.request.profile {
            Some(profile) => subject.profile(profile),
            None => subject,
        }
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<JobView>, VaultError> {
        let ExportRequest { receiver, purpose, profile, created_from, created_to } = &self.request;
        if let Some(profile) = profile {
            core.snapshot().tenant(self.principal.tenant())?.profile(profile)?;
        }
        let now = core.clock().now();
        let terms = ExportTerms {
            receiver: receiver.clone(),
            purpose: *purpose,
            profile: profile.clone(),
            created_from: *created_from,
            created_to: created_to.map_or(now, |end| end.min(now)),
        };
        let job = Job::new(core, self.principal, Work::Export { terms, after: None, is_drained: false })?;
        let event = self.subject().object(&job.row.job).row_version(1);
        let effects = vec![job.insert(core).await?];
        Ok(Prepared { output: JobView::from(&job), effects, events: vec![event], on_commit: None })
    }
}
