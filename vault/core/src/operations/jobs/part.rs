//! What became of a part, kept to be told again.

use strongroom_crypto::Injective;
use strongroom_domain::{JobId, Secret};
use subtle::ConstantTimeEq;

use super::PARTS_KEPT;
use super::running::{Job, current_key, key_of};
use crate::VaultError;
use crate::ports::store::{Effect, JobPartRow};
use crate::vault::Core;

/// What was answered to the part when it was done; `None` if it is the one that the job goes on with.
pub(super) async fn answered(
    core: &Core,
    job: &Job,
    part: u32,
    request: &[u8],
) -> Result<Option<Secret<Vec<u8>>>, VaultError> {
    let next = job.row.next_part;
    if part == next {
        return Ok(None);
    }
    let kept = core.store().find_job_part(&job.row.tenant, &job.row.job, part).await?;
    // Too early, or so late that nobody can be waiting for the answer.
    let kept = kept.filter(|_| part < next).ok_or(VaultError::JobPartOrder { next })?;
    let (_, working) = key_of(core, &kept.tenant, kept.key_version).await?;
    let digest = working.request_digest.digest(&asked(&kept.job, &part.to_be_bytes(), request));
    if !bool::from(digest.as_slice().ct_eq(kept.request_digest.as_slice())) {
        return Err(VaultError::JobPartConflict);
    }
    working.open(&kept.answer, &place(&kept)).map(Some)
}

/// Keeps the answer to the part that was just done, in place of an old one.
pub(super) async fn keep(
    core: &Core,
    job: &Job,
    part: u32,
    request: &[u8],
    answer: &[u8],
) -> Result<[Effect; 2], VaultError> {
    let (version, working) = current_key(core, &job.row.tenant).await?;
    let mut row = JobPartRow {
        tenant: job.row.tenant.clone(),
        job: job.row.job.clone(),
        part,
        key_version: version.row.version,
        request_digest: working.request_digest.digest(&asked(&job.row.job, &part.to_be_bytes(), request)),
        answer: Vec::new(),
        created_at: job.row.updated_at,
    };
    row.answer = working.seal(&version, core.entropy(), &place(&row), answer)?;
    let oldest = job.row.next_part.saturating_sub(PARTS_KEPT);
    Ok([Effect::InsertJobPart(Box::new(row)), job.forget_parts(oldest)])
}

fn asked<'a>(job: &'a JobId, part: &'a [u8; 4], request: &'a [u8]) -> [&'a [u8]; 4] {
    [b"job-part", job.as_str().as_bytes(), part, request]
}

fn place(row: &JobPartRow) -> Vec<u8> {
    Injective::new("strongroom/job-part/v1")
        .part(row.tenant.as_str().as_bytes())
        .part(row.job.as_str().as_bytes())
        .part(&row.part.to_be_bytes())
        .part(&row.request_digest)
        .part(&row.created_at.unix_millis().to_be_bytes())
        .finish()
}
