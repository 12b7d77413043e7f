use strongroom_core::ports::store::{JobCursor, JobPartRow, JobRow, StoreError};
use strongroom_domain::{JobId, JobKind, JobState, KeyVersion, ServiceName, TenantId, Timestamp};

use super::columns::Columns;
use super::connections::Session;
use super::failure::Refusal;
use super::rows::{Reading, execute, fetch, fetch_one};
use super::values::Values;
use crate::changes::Changes;

/// Writes what a commit changes of jobs: their rows first, which decide whether the rest applies.
pub(super) async fn write(session: &mut Session, changes: &Changes<'_>) -> Result<(), Refusal> {
    for row in &changes.jobs {
        execute(session, INSERT, values_of(row)).await?;
    }
    for row in &changes.job_revisions {
        if execute(session, REVISE, revision(row)).await? != 1 {
            return Err(Refusal::Conflict);
        }
    }
    for gone in &changes.forgotten_parts {
        let mut values = Values::default();
        values.text(gone.tenant.as_str());
        values.text(gone.job.as_str());
        values.integer(gone.before);
        execute(session, FORGET_PARTS, values).await?;
    }
    for row in &changes.job_parts {
        execute(session, INSERT_PART, part(row)).await?;
    }
    Ok(())
}

/// One job.
pub(super) async fn find(
    session: &mut Session,
    tenant: &TenantId,
    job: &JobId,
) -> Result<Option<JobRow>, StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.text(job.as_str());
    fetch_one(session, FIND, values, &JOB).await
}

/// What became of one part.
pub(super) async fn find_part(
    session: &mut Session,
    tenant: &TenantId,
    job: &JobId,
    part: u32,
) -> Result<Option<JobPartRow>, StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.text(job.as_str());
    values.integer(part);
    fetch_one(session, FIND_PART, values, &Reading { table: "job part", read: read_part }).await
}

/// The jobs of a service after the cursor.
pub(super) async fn list(
    session: &mut Session,
    tenant: &TenantId,
    created_by: &ServiceName,
    after: Option<&JobCursor>,
    limit: u32,
) -> Result<Vec<JobRow>, StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.text(created_by.as_str());
    values.integer(after.map_or(i64::MIN, |cursor| cursor.created_at.unix_millis()));
    values.text(after.map_or("", |cursor| cursor.job.as_str()));
    values.integer(limit);
    fetch(session, LIST, values, &JOB).await
}

/// Running jobs that were last worked on before then.
pub(super) async fn idle(
    session: &mut Session,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<JobRow>, StoreError> {
    let mut values = Values::default();
    values.time(before);
    values.integer(limit);
    fetch(session, IDLE, values, &JOB).await
}

macro_rules! columns {
    () => {
        "tenant, job, kind, created_by, created_at, state, next_part, rows_done, created, existing, failed, updated_at, \
         finished_at, envelope, row_version"
    };
}

macro_rules! part_columns {
    () => {
        "tenant, job, part, key_version, request_digest, answer, created_at"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO jobs (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
);
const REVISE: &str = "UPDATE jobs SET state = $1, next_part = $2, rows_done = $3, created = $4, existing = $5, failed = $6, \
                      updated_at = $7, finished_at = $8, envelope = $9, row_version = $10 \
                      WHERE tenant = $11 AND job = $12 AND row_version = $13 AND finished_at IS NULL";
const FIND: &str = concat!("SELECT ", columns!(), " FROM jobs WHERE tenant = $1 AND job = $2");
const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM jobs WHERE tenant = $1 AND created_by = $2 AND (created_at, job) > ($3, $4) \
     ORDER BY created_at, job LIMIT $5"
);
const IDLE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM jobs WHERE finished_at IS NULL AND updated_at < $1 ORDER BY updated_at LIMIT $2"
);
const INSERT_PART: &str =
    concat!("INSERT INTO job_parts (", part_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
const FIND_PART: &str =
    concat!("SELECT ", part_columns!(), " FROM job_parts WHERE tenant = $1 AND job = $2 AND part = $3");
const FORGET_PARTS: &str = "DELETE FROM job_parts WHERE tenant = $1 AND job = $2 AND part < $3";

const JOB: Reading<JobRow> = Reading { table: "job", read };

fn values_of(row: &JobRow) -> Values {
    let mut values = Values::default();
    values.text(row.tenant.as_str());
    values.text(row.job.as_str());
    values.text(row.kind.as_str());
    values.text(row.created_by.as_str());
    values.time(row.created_at);
    progress(row, &mut values);
    values
}

/// What may change, and the row version that it must have had.
fn revision(row: &JobRow) -> Values {
    let mut values = Values::default();
    progress(row, &mut values);
    values.text(row.tenant.as_str());
    values.text(row.job.as_str());
    values.integer(row.row_version.saturating_sub(1));
    values
}

fn progress(row: &JobRow, values: &mut Values) {
    values.text(row.state.as_str());
    values.integer(row.next_part);
    for count in [row.rows, row.created, row.existing, row.failed] {
        values.number(count);
    }
    values.time(row.updated_at);
    values.optional_time(row.finished_at);
    values.blob(&row.envelope);
    values.integer(row.row_version);
}

fn part(row: &JobPartRow) -> Values {
    let mut values = Values::default();
    values.text(row.tenant.as_str());
    values.text(row.job.as_str());
    values.integer(row.part);
    values.integer(row.key_version.get());
    values.blob(&row.request_digest);
    values.blob(&row.answer);
    values.time(row.created_at);
    values
}

fn read(columns: &mut Columns<'_>) -> Result<JobRow, StoreError> {
    Ok(JobRow {
        tenant: columns.parsed(TenantId::parse)?,
        job: columns.parsed(JobId::parse)?,
        kind: columns.known(JobKind::parse)?,
        created_by: columns.parsed(ServiceName::parse)?,
        created_at: columns.time()?,
        state: columns.known(JobState::parse)?,
        next_part: columns.number()?,
        rows: columns.number()?,
        created: columns.number()?,
        existing: columns.number()?,
        failed: columns.number()?,
        updated_at: columns.time()?,
        finished_at: columns.optional_time()?,
        envelope: columns.blob()?,
        row_version: columns.number()?,
    })
}

fn read_part(columns: &mut Columns<'_>) -> Result<JobPartRow, StoreError> {
    Ok(JobPartRow {
        tenant: columns.parsed(TenantId::parse)?,
        job: columns.parsed(JobId::parse)?,
        part: columns.number()?,
        key_version: KeyVersion::new(columns.number()?).ok_or(columns.unreadable())?,
        request_digest: columns.array()?,
        answer: columns.blob()?,
        created_at: columns.time()?,
    })
}
