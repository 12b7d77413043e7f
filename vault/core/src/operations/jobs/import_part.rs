use strongroom_crypto::row_checksum_v1::RowCode;
use strongroom_domain::{Action, JobId, Principal};

use super::progress::{ImportTerms, Work};
use super::running::Job;
use super::{MOST_ROWS, part};
use crate::audit::EventDraft;
use crate::operations::tokens::{CreateTokens, NewToken, Tokenized};
use crate::pipeline::{Answer, Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A piece of a file, as it was handed in.
#[derive(Clone, Copy)]
pub struct ImportPart<'a> {
    /// Of which job.
    pub job: &'a JobId,
    /// Which part, from 0.
    pub part: u32,
    /// Whole lines.
    pub body: &'a [u8],
}

/// The lines of a part, read.
pub struct LinesRead {
    /// Those that are not empty.
    pub rows: Vec<ImportRow>,
    /// How many lines there are, empty ones among them.
    pub lines: u64,
}

/// A line of the file.
pub struct ImportRow {
    /// Its number in the file, from 1.
    pub line: u64,
    /// What is asked for it, or why it cannot be read.
    pub item: Result<NewToken, VaultError>,
}

/// What became of a part.
pub struct ImportedPart {
    /// Of which job.
    pub job: JobId,
    /// Which part.
    pub part: u32,
    /// Line numbers, each with the token or why there is none.
    pub rows: Vec<(u64, Result<Tokenized, VaultError>)>,
}

impl Vault {
    /// Turns the lines of one part into tokens. `read` takes the lines apart, given the terms of the import and the number of
    /// the part's first line. The same part again is answered as it was the first time.
    pub async fn import_part(
        &self,
        call: &Call,
        part: ImportPart<'_>,
        read: impl Fn(&ImportTerms, u64, &[u8]) -> Result<LinesRead, VaultError> + Send + Sync,
        render: impl Fn(&ImportedPart) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        run(&self.core, call, &Import { principal: &call.principal, part, read, render }).await
    }
}

struct Import<'a, R, W> {
    principal: &'a Principal,
    part: ImportPart<'a>,
    read: R,
    render: W,
}

impl<R, W> Operation for Import<'_, R, W>
where
    R: Fn(&ImportTerms, u64, &[u8]) -> Result<LinesRead, VaultError> + Send + Sync,
    W: Fn(&ImportedPart) -> Answer + Send + Sync,
{
    type Output = Answer;

    const ACTION: Action = Action::TokenImport;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.part.job)
    }

    async fn prepare(&self, permit: &Permit, core: &Core) -> Result<Prepared<Answer>, VaultError> {
        let ImportPart { job, part, body } = self.part;
        let mut job = Job::find(core, self.principal, job).await?;
        let Work::Import { terms, lines } = &job.progress.work else {
            return Err(VaultError::JobState("the job is no import"));
        };
        job.check_running()?;
        if let Some(kept) = part::answered(core, &job, part, body).await? {
            #[expect(
                clippy::disallowed_methods,
                reason = "the caller is told again; it holds no card number"
            )]
            let answer = Answer { status: 200, body: kept.expose().clone() };
            return Ok(Prepared::reading(answer, self.subject().count(0).row_version(job.row.row_version)));
        }
        let first_line = lines.saturating_add(1);
        let LinesRead { rows, lines: more } = (self.read)(terms, first_line, body)?;
        if rows.len() > MOST_ROWS {
            return Err(VaultError::Invalid("a part has at most 1,000 lines that are not empty"));
        }
        let (numbers, items): (Vec<u64>, Vec<_>) = rows.into_iter().map(|row| (row.line, row.item)).unzip();
        let create = CreateTokens { principal: self.principal, items };
        let Prepared { output, mut effects, mut events, on_commit } = create.prepare(permit, core).await?;
        let done: Vec<_> = numbers.into_iter().zip(output).collect();
        self.advance(&mut job, &create, &done, more)?;

        let rows = done.len();
        let answer = (self.render)(&ImportedPart { job: job.row.job.clone(), part, rows: done });
        effects.push(job.revise(core).await?);
        effects.extend(part::keep(core, &job, part, body, &answer.body).await?);
        events.push(self.subject().count(rows).row_version(job.row.row_version));
        Ok(Prepared { output: answer, effects, events, on_commit })
    }
}

impl<R, W> Import<'_, R, W> {
    /// Counts the rows and takes them into the checksum.
    fn advance(
        &self,
        job: &mut Job,
        create: &CreateTokens<'_>,
        done: &[(u64, Result<Tokenized, VaultError>)],
        more_lines: u64,
    ) -> Result<(), VaultError> {
        let key = job.progress.rows();
        for ((line, result), item) in done.iter().zip(&create.items) {
            let code: RowCode = match (result, item) {
                (Ok(tokenized), Ok(item)) => {
                    let counted =
                        if tokenized.created { &mut job.row.created } else { &mut job.row.existing };
                    *counted = counted.saturating_add(1);
                    key.value(*line, tokenized.token.token.as_str(), &item.value.as_card()?)
                }
                (Err(error), _) if may_go_through_later(error) => return Err(error.clone()),
                _ => {
                    job.row.failed = job.row.failed.saturating_add(1);
                    key.refused(*line)
                }
            };
            job.progress.checksum = job.progress.checksum.and(code);
        }
        job.row.rows = job.row.rows.saturating_add(done.len() as u64);
        job.row.next_part = self.part.part.saturating_add(1);
        if let Work::Import { lines, .. } = &mut job.progress.work {
            *lines = lines.saturating_add(more_lines);
        }
        Ok(())
    }
}

/// A line that fails for a reason that is not its own must not be put down as refused: the part as a whole is tried again.
const fn may_go_through_later(error: &VaultError) -> bool {
    matches!(
        error,
        VaultError::HsmUnavailable
            | VaultError::StoreUnavailable
            | VaultError::AuditUnavailable
            | VaultError::Overloaded
            | VaultError::IntegrityFailure
            | VaultError::Internal(_)
    )
}
