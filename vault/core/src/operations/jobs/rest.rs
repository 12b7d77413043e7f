use strongroom_domain::JobState;

use super::MAY_REST;
use super::running::Job;
use crate::VaultError;
use crate::audit::EventDraft;
use crate::pipeline::record_for_node;
use crate::vault::Core;

/// Jobs ended in one round: bounds what it holds in memory.
const AT_A_TIME: u32 = 100;

/// Ends the jobs that were left alone for too long, and forgets what became of their parts. Each is on record.
pub(crate) async fn expire_idle_jobs(core: &Core) -> Result<(), VaultError> {
    let before = core.clock().now().minus(MAY_REST);
    for row in core.store().idle_jobs(before, AT_A_TIME).await? {
        let name = row.job.clone();
        let mut job = match Job::open(core, row).await {
            Ok(job) => job,
            Err(VaultError::IntegrityFailure) => {
                // It can be neither continued nor ended; whoever begun it is told so.
                tracing::error!(job = %name, "a job's row failed its integrity check");
                continue;
            }
            Err(error) => return Err(error),
        };
        let effects = job.end(core, JobState::Expired).await?;
        let event = EventDraft::success().object(&name).row_version(job.row.row_version);
        let request = core.own_request_id()?;
        match record_for_node(core.committer(), &core.settings.node, "job.expire", request, effects, event)
            .await
        {
            // Its creator has gone on with it meanwhile.
            Ok(()) | Err(VaultError::AlreadyExists) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
