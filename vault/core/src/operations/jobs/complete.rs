use strongroom_crypto::row_checksum_v1::RowChecksum;
use strongroom_domain::{Action, JobId, JobState, Principal};

use super::progress::Work;
use super::running::Job;
use super::view::JobView;
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// What the other side of a job has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion {
    /// How many rows.
    pub rows: u64,
    /// The checksum over them. Who runs an export does not have it: it is for the receiver.
    pub checksum: Option<RowChecksum>,
}

impl Vault {
    /// Ends a job, if both sides have the same rows. Ending it again the same way changes nothing.
    pub async fn complete_job(
        &self,
        call: &Call,
        job: &JobId,
        completion: &Completion,
    ) -> Result<JobView, VaultError> {
        run(&self.core, call, &CompleteJob { principal: &call.principal, job, completion }).await
    }
}

struct CompleteJob<'a> {
    principal: &'a Principal,
    job: &'a JobId,
    completion: &'a Completion,
}

impl Operation for CompleteJob<'_> {
    type Output = JobView;

    const ACTION: Action = Action::JobComplete;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.job)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<JobView>, VaultError> {
        let mut job = Job::find(core, self.principal, self.job).await?;
        if job.row.state != JobState::Complete {
            job.check_running()?;
        }
        self.compare(&job)?;
        let effects = match job.row.state {
            JobState::Complete => Vec::new(),
            _ => job.end(core, JobState::Complete).await?,
        };
        let event = self.subject().row_version(job.row.row_version);
        Ok(Prepared { output: JobView::from(&job), effects, events: vec![event], on_commit: None })
    }
}

impl CompleteJob<'_> {
    fn compare(&self, job: &Job) -> Result<(), VaultError> {
        let (rows, stated) = (job.row.rows, self.completion.rows);
        match (&job.progress.work, self.completion.checksum) {
            (Work::Import { .. }, None) => {
                return Err(VaultError::Invalid("an import ends with the checksum over its rows"));
            }
            (Work::Export { is_drained: false, .. }, _) => {
                return Err(VaultError::JobState("the last part of the export has not been taken"));
            }
            _ => {}
        }
        if rows != stated {
            return Err(VaultError::JobMismatch(format!(
                "the vault has {rows} rows, the request says {stated}"
            )));
        }
        match self.completion.checksum {
            Some(checksum) if checksum != job.progress.checksum => Err(VaultError::JobMismatch(format!(
                "both sides have {rows} rows, but not the same ones: the checksums differ"
            ))),
            _ => Ok(()),
        }
    }
}
