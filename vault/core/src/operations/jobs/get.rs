use strongroom_domain::{Action, JobId, Principal};

use super::running::Job;
use super::view::JobView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// How far a job of the caller's is.
    pub async fn get_job(&self, call: &Call, job: &JobId) -> Result<JobView, VaultError> {
        run(&self.core, call, &GetJob { principal: &call.principal, job }).await
    }
}

struct GetJob<'a> {
    principal: &'a Principal,
    job: &'a JobId,
}

impl Operation for GetJob<'_> {
    type Output = JobView;

    const ACTION: Action = Action::JobGet;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.job)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<JobView>, VaultError> {
        let job = Job::find(core, self.principal, self.job).await?;
        Ok(Prepared::reading(JobView::from(&job), self.subject()))
    }
}
