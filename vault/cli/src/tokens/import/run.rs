//! An import from the first part to the last.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::time::Instant;

use strongroom_api::jobs::lines::{Columns, LineReader};
use strongroom_api::jobs::{Checksum, CompleteJob, ImportTokens, ImportedPart, JobView};
use strongroom_api::{ErrorCode, SecretBytes, Text};
use strongroom_client::{Client, ClientError};
use strongroom_domain::{JobId, JobState, LineFormat, ProfileName, Secret};

use super::ImportReport;
use super::journal::{Journal, Places, Reading, Written};
use super::lines::{Lines, Place};
use super::outcome::Outcome;
use super::parts::{Part, Parts};
use super::state::{FormatName, Options, Source, State};
use super::tally::Tally;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// An import that can be run.
pub(super) struct Import {
    pub(super) options: Options,
    pub(super) source: Option<Source>,
    pub(super) resume: Option<JobId>,
    pub(super) interrupt: Interrupt,
    pub(super) progress: Progress,
}

/// What takes parts in: the vault, or a stand-in for it in tests.
pub(super) trait Importer {
    async fn begin(&self, request: &ImportTokens) -> Result<JobView, Failure>;
    async fn job(&self, job: &JobId) -> Result<JobView, Failure>;
    async fn part(
        &self,
        job: &JobId,
        part: u32,
        format: LineFormat,
        lines: &[u8],
    ) -> Result<ImportedPart, Failure>;
    async fn complete(&self, job: &JobId, completion: &CompleteJob) -> Result<JobView, Failure>;
}

impl Importer for Client {
    async fn begin(&self, request: &ImportTokens) -> Result<JobView, Failure> {
        Ok(self.import_tokens(request).await?)
    }

    async fn job(&self, job: &JobId) -> Result<JobView, Failure> {
        Ok(self.get_job(job).await?)
    }

    async fn part(
        &self,
        job: &JobId,
        part: u32,
        format: LineFormat,
        lines: &[u8],
    ) -> Result<ImportedPart, Failure> {
        Ok(self.import_part(job, part, format, lines).await?)
    }

    async fn complete(&self, job: &JobId, completion: &CompleteJob) -> Result<JobView, Failure> {
        match self.complete_job(job, completion).await {
            Err(ClientError::Problem(problem)) if problem.error_code() == Some(ErrorCode::JobMismatch) => {
                Err(Failure::Vault(problem).and("the results do not fit the file; nothing more was imported"))
            }
            answered => Ok(answered?),
        }
    }
}

impl Import {
    /// Runs it to its end, or until it fails or is stopped. In each case the next run goes on from there.
    pub(super) async fn run(
        &self,
        file: &Path,
        importer: &impl Importer,
        places: Places,
    ) -> Result<ImportReport, Failure> {
        if file == Path::new("-") {
            // Not locked: the lock could not be held while waiting for the vault.
            return self.run_from(BufReader::new(io::stdin()), importer, places).await;
        }
        let opened = File::open(file).map_err(|error| Failure::file(file, &error))?;
        self.run_from(BufReader::new(opened), importer, places).await
    }

    async fn run_from(
        &self,
        mut reader: impl BufRead,
        importer: &impl Importer,
        places: Places,
    ) -> Result<ImportReport, Failure> {
        // First what can be wrong without leaving anything behind.
        let (line_reader, begin) = self.header(&mut reader)?;
        let known = self.known(&places)?;
        let mut journal = Journal::open(&places, known.is_some())?;
        let job = match known {
            Some(job) => importer.job(&job).await?,
            None => self.begin(importer, &line_reader, &places).await?,
        };
        let mut run = Run {
            tally: Tally::new(&checksum_key(&job)?, line_reader),
            parts: Parts::new(Lines::new(reader, begin), self.options.batch),
            began: Instant::now(),
            rows_before: 0,
            import: self,
            places,
            job,
        };
        let first = run.take_over(&mut journal)?;
        run.hand_in(first, importer, &mut journal).await?;
        run.finish(importer).await
    }

    /// The job to go on with, if there is one.
    fn known(&self, places: &Places) -> Result<Option<JobId>, Failure> {
        let state = places.state.as_deref().map(State::load).transpose()?.flatten();
        match (state, &self.resume) {
            (Some(state), resume) => {
                state.may_resume(self.source, &self.options)?;
                match resume {
                    Some(job) if *job != *state.job => {
                        Err(Failure::Usage("--resume names another job than the state file".to_owned()))
                    }
                    _ => Ok(Some(state.job.0)),
                }
            }
            (None, resume) => Ok(resume.clone()),
        }
    }

    async fn begin(
        &self,
        importer: &impl Importer,
        reader: &LineReader,
        places: &Places,
    ) -> Result<JobView, Failure> {
        let profile = self.options.profile.as_deref().map(ProfileName::parse).transpose();
        let request = ImportTokens {
            format: Text(self.format()),
            columns: match reader {
                LineReader::Csv(columns) => Some(columns.names().collect()),
                LineReader::Ndjson => None,
            },
            profile: profile.map_err(|error| Failure::Usage(error.to_string()))?.map(Text),
            ttl_seconds: self.options.ttl_seconds,
            single_use: self.options.single_use.then_some(true),
        };
        let job = importer.begin(&request).await?;
        if let Some(path) = &places.state {
            // Before anything is handed in: without its job an import that is killed could not be gone on with.
            State::new(job.job.clone(), self.source, self.options.clone()).save(path)?;
        }
        Ok(job)
    }

    fn format(&self) -> LineFormat {
        match self.options.format {
            FormatName::Csv => LineFormat::Csv,
            FormatName::Ndjson => LineFormat::Ndjson,
        }
    }

    /// How lines are read, and where the first of them begins.
    fn header(&self, reader: &mut impl BufRead) -> Result<(LineReader, Place), Failure> {
        if self.options.format == FormatName::Ndjson {
            return Ok((LineReader::Ndjson, Place::default()));
        }
        let line = Lines::new(reader, Place::default()).next();
        let line = line.map_err(|error| Failure::Local(format!("the file of cards: {}", error.kind())))?;
        let line = line.ok_or_else(|| Failure::Input("the file of cards is empty".to_owned()))?;
        let columns = Columns::of_header(&line.text.unwrap_or_default());
        let columns = columns.map_err(|refusal| Failure::Input(format!("line 1: {}", refusal.detail)))?;
        Ok((LineReader::Csv(columns), line.end))
    }
}

fn checksum_key(job: &JobView) -> Result<Secret<[u8; 32]>, Failure> {
    let key = job.checksum_key.as_ref().map(SecretBytes::secret);
    #[expect(clippy::disallowed_methods, reason = "becomes the key of this side's checksum")]
    let key = key.and_then(|key| key.expose().as_slice().try_into().ok());
    key.map(Secret::new).ok_or_else(|| Failure::Usage(format!("{} is no import", job.job.0)))
}

struct Run<'a, R> {
    import: &'a Import,
    places: Places,
    job: JobView,
    parts: Parts<R>,
    tally: Tally,
    began: Instant,
    /// Rows that were done before this run.
    rows_before: u64,
}

impl<R: BufRead> Run<'_, R> {
    /// Takes over what an earlier run has written down, up to the part that holds its last line; returns that part, which
    /// is to be handed in again.
    fn take_over(&mut self, journal: &mut Journal) -> Result<Option<Part>, Failure> {
        if !self.job.state.is_running() && self.job.state.0 != JobState::Complete {
            return Err(Failure::Usage(format!(
                "{} is {}: import the file anew with another --out",
                self.job.job.0, self.job.state.0
            )));
        }
        let last = self.last_written(journal)?;
        let mut reading = journal.read()?;
        let mut next = reading.next(&self.places)?;
        loop {
            let Some(part) = self.parts.next()? else { return Ok(None) };
            // A part that is on this side whole, and behind it another one.
            let is_whole = part.end.lines < last && part.number < self.job.next_part;
            if is_whole || self.job.state.0 == JobState::Complete {
                self.take_over_part(&part, &mut next, &mut reading)?;
                continue;
            }
            let first_line = part.rows.first().map_or(u64::MAX, |row| row.line);
            journal.cut_before(first_line.min(part.end.lines.saturating_add(1)))?;
            self.rows_before = self.tally.counts.read;
            return Ok(Some(part));
        }
    }

    /// The last line of cards that something was written about.
    fn last_written(&self, journal: &Journal) -> Result<u64, Failure> {
        let mut reading = journal.read()?;
        let mut last = 0;
        while let Some(written) = reading.next(&self.places)? {
            last = written.line;
        }
        Ok(last)
    }

    fn take_over_part(
        &mut self,
        part: &Part,
        next: &mut Option<Written>,
        reading: &mut Reading,
    ) -> Result<(), Failure> {
        for row in &part.rows {
            let written = next.take().filter(|written| written.line == row.line).ok_or_else(|| {
                Failure::Usage(format!(
                    "line {} is missing in the results; the vault has a token for it that is nowhere written down",
                    row.line
                ))
            })?;
            match written.token {
                Some((token, existing)) => self.tally.made(row.line, part.text(row), &token, existing)?,
                None => self.tally.refused(row.line),
            }
            *next = reading.next(&self.places)?;
        }
        Ok(())
    }

    async fn hand_in(
        &mut self,
        first: Option<Part>,
        importer: &impl Importer,
        journal: &mut Journal,
    ) -> Result<(), Failure> {
        let mut waiting = first;
        while let Some(part) = waiting {
            if self.import.interrupt.is_asked() {
                return Err(self.stopped());
            }
            let handing_in = importer.part(&self.job.job, part.number, self.import.format(), &part.body);
            let answered = tokio::select! {
                answered = handing_in => answered?,
                () = self.import.interrupt.insisted() => return Err(self.stopped()),
            };
            let outcomes = Outcome::of_part(&part, answered.lines)?;
            journal.write(&outcomes)?;
            for (row, outcome) in part.rows.iter().zip(&outcomes) {
                match outcome {
                    Outcome::Made(made) => {
                        self.tally.made(row.line, part.text(row), &made.token, made.existing)?;
                    }
                    Outcome::Refused(_) => self.tally.refused(row.line),
                }
            }
            self.show(&part);
            waiting = self.parts.next()?;
        }
        Ok(())
    }

    /// Ends the job: both sides have the same rows, or this fails.
    async fn finish(self, importer: &impl Importer) -> Result<ImportReport, Failure> {
        let Self { tally, job, places, .. } = self;
        let checksum = Some(Text(Checksum(*tally.checksum.as_bytes())));
        let done = importer.complete(&job.job, &CompleteJob { rows: tally.counts.read, checksum }).await?;
        Ok(ImportReport {
            job: done.job.to_string(),
            counts: tally.counts,
            checksum: tally.checksum.to_string(),
            results: places.results,
            errors: places.errors,
        })
    }

    fn show(&self, part: &Part) {
        let counts = self.tally.counts;
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let speed = (counts.read - self.rows_before) as f64 / seconds;
        self.import.progress.at(part.end.bytes);
        self.import.progress.say(format!("{} rows, {speed:.0}/s, {} failed", counts.read, counts.failed));
    }

    fn stopped(&self) -> Failure {
        Failure::Interrupted(format!("stopped after {} rows of {}", self.tally.counts.read, self.job.job.0))
    }
}
