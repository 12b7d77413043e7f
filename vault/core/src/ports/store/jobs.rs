use strongroom_domain::{JobId, JobKind, JobState, ServiceName, TenantId, Timestamp};

/// A job and how far it is. What may be seen of it stands in clear; the rest is sealed and bound to all of that, so a row
/// whose parts do not belong together is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Whose.
    pub tenant: TenantId,
    /// The job; with the tenant, the row's key.
    pub job: JobId,
    /// What it does.
    pub kind: JobKind,
    /// Who began it; nobody else goes on with it.
    pub created_by: ServiceName,
    /// When.
    pub created_at: Timestamp,
    /// Where it is in its life.
    pub state: JobState,
    /// The number of the part it goes on with.
    pub next_part: u32,
    /// Rows done.
    pub rows: u64,
    /// Of an import: rows with a new token.
    pub created: u64,
    /// Of an import: rows with a token that was there before.
    pub existing: u64,
    /// Of an import: rows that were refused. Of an export: tokens that were passed over.
    pub failed: u64,
    /// When the last part was done, or the job began.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What it was asked to do and where it goes on, sealed (`envelope_v1`).
    pub envelope: Vec<u8>,
    /// 1 at first, one more with each change.
    pub row_version: u32,
}

/// What became of one part of a job, kept so that it can be told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPartRow {
    /// Whose.
    pub tenant: TenantId,
    /// Of which job.
    pub job: JobId,
    /// Which part, from 0; with tenant and job, the row's key.
    pub part: u32,
    /// The version of the tenant's tokenization key behind `request_digest` and `answer`.
    pub key_version: strongroom_domain::KeyVersion,
    /// Keyed digest of what the part was asked with (`fingerprint_v1`): it may hold card numbers.
    pub request_digest: [u8; 32],
    /// The sealed answer (`envelope_v1`).
    pub answer: Vec<u8>,
    /// When.
    pub created_at: Timestamp,
}

/// A position in the list of a caller's jobs, which is ordered by creation, then job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCursor {
    /// When the last one seen was begun.
    pub created_at: Timestamp,
    /// The last one seen.
    pub job: JobId,
}
