use strongroom_api::{List, ListQuery};
use strongroom_core::ports::store::JobCursor;
use strongroom_domain::{JobId, TenantId, Timestamp};

use super::view::view;
use crate::handlers::{Outcome, cursor};
use crate::problem::Failure;
use crate::request::{Received, Reply};

const LIST: &str = "jobs";

/// `GET /v1/jobs`.
pub(crate) async fn list(received: Received, query: ListQuery) -> Outcome {
    let tenant = received.tenant();
    let after = query.cursor.as_deref().map(|cursor| read(tenant, cursor)).transpose()?;
    let page = received.vault.list_jobs(&received.call, after.as_ref(), query.limit.get()).await?;
    let next_cursor = page.next.map(|next| {
        let created_at = next.created_at.unix_millis().to_string();
        cursor::write(LIST, tenant, [created_at.as_str(), next.job.as_str()])
    });
    Reply::json(&List { items: page.jobs.iter().map(view).collect(), next_cursor })
}

fn read(tenant: &TenantId, text: &str) -> Result<JobCursor, Failure> {
    let [created_at, job] = cursor::read(LIST, tenant, text)?;
    let created_at = created_at.parse().map(Timestamp::from_unix_millis).map_err(|_| cursor::foreign())?;
    let job = JobId::parse(&job).map_err(|_| cursor::foreign())?;
    Ok(JobCursor { created_at, job })
}
