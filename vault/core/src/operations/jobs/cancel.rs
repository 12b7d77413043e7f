use strongroom_domain::{Action, JobId, JobState, Principal};

use super::running::Job;
use super::view::JobView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Gives a job up. Tokens that were made stay, values that left are gone.
    pub async fn cancel_job(&self, call: &Call, job: &JobId) -> Result<JobView, VaultError> {
        run(&self.core, call, &CancelJob { principal: &call.principal, job }).await
    }
}

struct CancelJob<'a> {
    principal: &'a Principal,
    job: &'a JobId,
}

impl Operation for CancelJob<'_> {
    type Output = JobView;

    const ACTION: Action = Action::JobCancel;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.job)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<JobView>, VaultError> {
        let mut job = Job::find(core, self.principal, self.job).await?;
        let effects = match job.row.state {
            JobState::Cancelled => Vec::new(),
            _ => {
                job.check_running()?;
                job.end(core, JobState::Cancelled).await?
            }
        };
        let event = self.subject().row_version(job.row.row_version);
        Ok(Prepared { output: JobView::from(&job), effects, events: vec![event], on_commit: None })
    }
}
