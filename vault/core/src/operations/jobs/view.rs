use strongroom_crypto::row_checksum_v1::RowChecksum;
use strongroom_domain::{DetokenizationPurpose, JobId, JobKind, JobState, Secret, Timestamp};

use super::progress::Work;
use super::running::Job;

/// A job as its creator sees it.
pub struct JobView {
    /// The job.
    pub job: JobId,
    /// What it does.
    pub kind: JobKind,
    /// Where it is in its life.
    pub state: JobState,
    /// The part it goes on with.
    pub next_part: u32,
    /// Rows done.
    pub rows: u64,
    /// Of an import: rows with a new token.
    pub created: u64,
    /// Of an import: rows with a token that was there before.
    pub existing: u64,
    /// Of an import: rows that were refused. Of an export: tokens that were passed over.
    pub failed: u64,
    /// When it began.
    pub created_at: Timestamp,
    /// When the last part was done.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What else is known of it by its kind.
    pub work: JobWork,
}

/// What is known of a job by its kind.
pub enum JobWork {
    /// Of an import.
    Import {
        /// Lines of the file that are done, the header of CSV among them.
        lines: u64,
        /// The key of the checksum: the caller computes the other side's.
        checksum_key: Secret<[u8; 32]>,
        /// Over the rows so far.
        checksum: RowChecksum,
    },
    /// Of an export. Its checksum is for the receiver alone.
    Export {
        /// RFC 7638 thumbprint of the receiver's key: what an approval names.
        receiver: String,
        /// What for.
        purpose: DetokenizationPurpose,
    },
}

impl From<&Job> for JobView {
    fn from(job: &Job) -> Self {
        let (row, progress) = (&job.row, &job.progress);
        #[expect(
            clippy::disallowed_methods,
            reason = "both sides compute the checksum; the other side is the caller"
        )]
        let work = match &progress.work {
            Work::Import { lines, .. } => JobWork::Import {
                lines: *lines,
                checksum_key: Secret::new(*progress.checksum_key.expose()),
                checksum: progress.checksum,
            },
            Work::Export { terms, .. } => {
                JobWork::Export { receiver: terms.receiver.thumbprint(), purpose: terms.purpose }
            }
        };
        Self {
            job: row.job.clone(),
            kind: row.kind,
            state: row.state,
            next_part: row.next_part,
            rows: row.rows,
            created: row.created,
            existing: row.existing,
            failed: row.failed,
            created_at: row.created_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
            work,
        }
    }
}
