use strongroom_domain::{Action, Principal};

use super::running::Job;
use super::view::JobView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::store::JobCursor;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A part of a list of jobs.
pub struct JobPage {
    /// The jobs, oldest first.
    pub jobs: Vec<JobView>,
    /// Where the next part begins, if there is one.
    pub next: Option<JobCursor>,
}

impl Vault {
    /// The caller's jobs after the cursor.
    pub async fn list_jobs(
        &self,
        call: &Call,
        after: Option<&JobCursor>,
        limit: u32,
    ) -> Result<JobPage, VaultError> {
        run(&self.core, call, &ListJobs { principal: &call.principal, after, limit }).await
    }
}

struct ListJobs<'a> {
    principal: &'a Principal,
    after: Option<&'a JobCursor>,
    limit: u32,
}

impl Operation for ListJobs<'_> {
    type Output = JobPage;

    const ACTION: Action = Action::JobList;

    fn subject(&self) -> EventDraft {
        EventDraft::success().count(0)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<JobPage>, VaultError> {
        let (tenant, service) = (self.principal.tenant(), self.principal.id.service());
        let mut rows =
            core.store().list_jobs(tenant, service, self.after, self.limit.saturating_add(1)).await?;
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let next = rows.last().filter(|_| more);
        let next = next.map(|row| JobCursor { created_at: row.created_at, job: row.job.clone() });
        let mut jobs = Vec::with_capacity(rows.len());
        for row in rows {
            jobs.push(JobView::from(&Job::open(core, row).await?));
        }
        let event = self.subject().count(jobs.len());
        Ok(Prepared::reading(JobPage { jobs, next }, event))
    }
}
