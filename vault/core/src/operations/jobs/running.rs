//! A job between its row and the next version of it.

use std::sync::Arc;

use strongroom_crypto::Injective;
use strongroom_crypto::envelope_v1::Envelope;
use strongroom_domain::{
    JobId, JobKind, JobState, KeyPurpose, KeyVersion, Principal, Secret, TenantId, Timestamp,
};

use super::MAY_REST;
use super::progress::{Progress, Work};
use crate::VaultError;
use crate::jobs::refresh_registry;
use crate::ports::store::{Effect, JobRow};
use crate::registry::{KeyVersionEntry, WorkingKey};
use crate::vault::Core;

/// A job whose row has been found to be as it was written.
pub(super) struct Job {
    pub(super) row: JobRow,
    pub(super) progress: Progress,
}

impl Job {
    /// A new one.
    pub(super) fn new(core: &Core, principal: &Principal, work: Work) -> Result<Self, VaultError> {
        let mut name = [0; 16];
        core.entropy().fill_name(&mut name)?;
        let checksum_key = Secret::build([0; 32], |key| core.entropy().fill(key))?;
        let (kind, state) = match &work {
            Work::Import { .. } => (JobKind::TokenImport, JobState::Open),
            Work::Export { .. } => (JobKind::TokenExport, JobState::AwaitingApproval),
        };
        let now = core.clock().now();
        let row = JobRow {
            tenant: principal.tenant().clone(),
            job: JobId::from_random(name),
            kind,
            created_by: principal.id.service().clone(),
            created_at: now,
            state,
            next_part: 0,
            rows: 0,
            created: 0,
            existing: 0,
            failed: 0,
            updated_at: now,
            finished_at: None,
            envelope: Vec::new(),
            row_version: 1,
        };
        let checksum = strongroom_crypto::row_checksum_v1::RowChecksum::default();
        Ok(Self { row, progress: Progress { checksum_key, checksum, work } })
    }

    /// The caller's own job. Another's, and what is no job, is not there.
    pub(super) async fn find(core: &Core, principal: &Principal, job: &JobId) -> Result<Self, VaultError> {
        let row = core.store().find_job(principal.tenant(), job).await?;
        let own = row.filter(|row| row.created_by == *principal.id.service()).ok_or(VaultError::NotFound)?;
        Self::open(core, own).await
    }

    /// Opens a row. One whose parts do not belong together is refused.
    pub(super) async fn open(core: &Core, mut row: JobRow) -> Result<Self, VaultError> {
        let header = Envelope::parse(&row.envelope).map_err(|_| VaultError::IntegrityFailure)?.header();
        let (_, working) = key_of(core, &row.tenant, header.key_version).await?;
        let plain = working.open(&row.envelope, &place(&row))?;
        #[expect(
            clippy::disallowed_methods,
            reason = "parsed into the job's own types; the buffer is wiped on return"
        )]
        let progress = Progress::decode(plain.expose()).ok_or(VaultError::IntegrityFailure)?;
        let kind = match progress.work {
            Work::Import { .. } => JobKind::TokenImport,
            Work::Export { .. } => JobKind::TokenExport,
        };
        if kind != row.kind {
            return Err(VaultError::IntegrityFailure);
        }
        // Time decides here, whether or not housekeeping has come by.
        if row.state.is_running() && row.updated_at.plus(MAY_REST) <= core.clock().now() {
            row.state = JobState::Expired;
        }
        Ok(Self { row, progress })
    }

    /// That parts may still come or go.
    pub(super) const fn check_running(&self) -> Result<(), VaultError> {
        Err(VaultError::JobState(match self.row.state {
            JobState::Open | JobState::AwaitingApproval => return Ok(()),
            JobState::Complete => "the job is complete",
            JobState::Cancelled => "the job was cancelled",
            JobState::Expired => "the job has expired: it was left alone for seven days",
        }))
    }

    /// Its first row, sealed.
    pub(super) async fn insert(&self, core: &Core) -> Result<Effect, VaultError> {
        Ok(Effect::InsertJob(Box::new(self.sealed(core, self.row.clone()).await?)))
    }

    /// Its next row, sealed, and what it is from then on.
    pub(super) async fn revise(&mut self, core: &Core) -> Result<Effect, VaultError> {
        let now = core.clock().now();
        self.row.row_version = self.row.row_version.saturating_add(1);
        // Never back: a clock that was set back must not make a job look older than it is.
        self.row.updated_at = self.row.updated_at.max(now);
        Ok(Effect::ReviseJob(Box::new(self.sealed(core, self.row.clone()).await?)))
    }

    /// It has come to this end; nothing is kept to be answered again.
    pub(super) async fn end(&mut self, core: &Core, state: JobState) -> Result<Vec<Effect>, VaultError> {
        self.row.state = state;
        self.row.finished_at = Some(core.clock().now());
        let revised = self.revise(core).await?;
        Ok(vec![revised, self.forget_parts(u32::MAX)])
    }

    /// Parts before this one are no longer answered again.
    pub(super) fn forget_parts(&self, before: u32) -> Effect {
        Effect::ForgetJobParts { tenant: self.row.tenant.clone(), job: self.row.job.clone(), before }
    }

    async fn sealed(&self, core: &Core, row: JobRow) -> Result<JobRow, VaultError> {
        let (version, working) = current_key(core, &row.tenant).await?;
        let plain = self.progress.encode()?;
        #[expect(clippy::disallowed_methods, reason = "goes into the seal and nowhere else")]
        let envelope = working.seal(&version, core.entropy(), &place(&row), plain.expose())?;
        Ok(JobRow { envelope, ..row })
    }
}

/// The version of the tenant's key that jobs are sealed under now.
pub(super) async fn current_key(
    core: &Core,
    tenant: &TenantId,
) -> Result<(Arc<KeyVersionEntry>, Arc<WorkingKey>), VaultError> {
    let snapshot = core.snapshot();
    let version = snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?.current()?;
    let working = core.working_key(&snapshot, version).await?;
    Ok((Arc::clone(version), working))
}

/// A version of it; another node may have made it a moment ago.
pub(super) async fn key_of(
    core: &Core,
    tenant: &TenantId,
    version: KeyVersion,
) -> Result<(Arc<KeyVersionEntry>, Arc<WorkingKey>), VaultError> {
    let mut snapshot = core.snapshot();
    let known = &snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?.versions;
    if !known.contains_key(&version) {
        refresh_registry(core).await?;
        snapshot = core.snapshot();
    }
    let key = snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?;
    if !key.versions.contains_key(&version) {
        return Err(VaultError::IntegrityFailure);
    }
    let version = key.version(version)?;
    let working = core.working_key(&snapshot, version).await?;
    Ok((Arc::clone(version), working))
}

/// What is sealed is bound to everything that stands in clear beside it.
fn place(row: &JobRow) -> Vec<u8> {
    let finished_at = row.finished_at.map(|end| end.unix_millis().to_be_bytes());
    let counts = [row.rows, row.created, row.existing, row.failed];
    let bound = Injective::new("strongroom/job/v1")
        .part(row.tenant.as_str().as_bytes())
        .part(row.job.as_str().as_bytes())
        .part(row.kind.as_str().as_bytes())
        .part(row.created_by.as_str().as_bytes())
        .part(&millis(row.created_at))
        .part(row.state.as_str().as_bytes())
        .part(&row.next_part.to_be_bytes())
        .part(&millis(row.updated_at))
        .part(finished_at.as_ref().map_or(&[], <[u8; 8]>::as_slice))
        .part(&row.row_version.to_be_bytes());
    counts.into_iter().fold(bound, |bound, count| bound.part(&count.to_be_bytes())).finish()
}

const fn millis(time: Timestamp) -> [u8; 8] {
    time.unix_millis().to_be_bytes()
}
