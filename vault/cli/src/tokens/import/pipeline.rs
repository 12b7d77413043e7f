//! An import from the first batch to the last.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt as _;
use futures_util::stream;
use strongroom_domain::ProfileName;

use super::ImportReport;
use super::batch::{Batches, Reading, Wanted};
use super::csv_line::Columns;
use super::journal::Journal;
use super::lines::{Lines, Place};
use super::send::{Tokenizer, send};
use super::state::{FormatName, Options};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// How long to wait before items are sent again; doubles with each round.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// An import that can be run.
pub(super) struct Import {
    pub(super) options: Options,
    pub(super) concurrency: usize,
    pub(super) interrupt: Interrupt,
    pub(super) progress: Progress,
}

impl Import {
    /// Runs it to its end, or until it fails or is stopped. In each case everything that the journal says is done is.
    pub(super) async fn run(
        &self,
        file: &Path,
        tokenizer: &impl Tokenizer,
        journal: Journal,
    ) -> Result<ImportReport, Failure> {
        if journal.state().finished {
            return journal.finish(SystemTime::now());
        }
        if file == Path::new("-") {
            // The lock cannot be held across waiting; nobody else reads it.
            return self.run_from(BufReader::new(io::stdin()), tokenizer, journal).await;
        }
        let mut opened = File::open(file).map_err(|error| Failure::file(file, &error))?;
        let reader = BufReader::new(opened.by_ref());
        self.run_from(reader, tokenizer, journal).await
    }

    async fn run_from(
        &self,
        mut reader: impl BufRead + SeekTo,
        tokenizer: &impl Tokenizer,
        mut journal: Journal,
    ) -> Result<ImportReport, Failure> {
        let mut batches = self.batches(&mut reader, &journal)?;
        let import = journal.state().import.clone();
        let outcomes = stream::poll_fn(move |_| {
            // Reading a file does not wait for anything worth giving way to; sending does.
            let next = if self.interrupt.is_asked() { Ok(None) } else { batches.next() };
            std::task::Poll::Ready(next.transpose())
        })
        .map_ok(|batch| send(tokenizer, &import, batch, FIRST_PAUSE));
        // In the order of the file, whichever is answered first; no more are under way, or in memory, than this.
        let mut outcomes = pin!(outcomes.try_buffered(self.concurrency));

        loop {
            let next = tokio::select! {
                next = outcomes.try_next() => next?,
                () = self.interrupt.insisted() => return Err(stopped(&journal)),
            };
            let Some(outcome) = next else { break };
            journal.write(&outcome, SystemTime::now())?;
            let state = journal.state();
            self.progress.at(state.bytes);
            self.progress.say(format!("{} lines, {} failed", state.counts.read, state.counts.failed));
        }
        if self.interrupt.is_asked() {
            return Err(stopped(&journal));
        }
        journal.finish(SystemTime::now())
    }

    /// The batches from where the journal stands. The header of CSV is read again each time.
    fn batches<'a, R: BufRead + SeekTo>(
        &self,
        reader: &'a mut R,
        journal: &Journal,
    ) -> Result<Batches<&'a mut R>, Failure> {
        let mut place = journal.place();
        let reading = match self.options.format {
            FormatName::Ndjson => Reading::Ndjson,
            FormatName::Csv => {
                let (columns, end) = header(&mut *reader)?;
                if place == Place::default() {
                    place = end;
                }
                Reading::Csv(columns)
            }
        };
        reader.seek_to(place.bytes).map_err(unreadable)?;
        let wanted = self.wanted()?;
        let next_number = journal.state().batches;
        Ok(Batches::new(Lines::new(reader, place), reading, wanted, self.options.batch, next_number))
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        let profile = self.options.profile.as_deref().map(ProfileName::parse).transpose();
        Ok(Wanted {
            profile: profile.map_err(|error| Failure::Usage(error.to_string()))?,
            ttl_seconds: self.options.ttl_seconds,
            single_use: self.options.single_use,
        })
    }
}

/// Refuses a file whose columns cannot be read, before anything is written.
pub(super) fn check_header(file: &Path, format: FormatName) -> Result<(), Failure> {
    let opened = File::open(file).map_err(|error| Failure::file(file, &error))?;
    match format {
        FormatName::Ndjson => Ok(()),
        FormatName::Csv => header(BufReader::new(opened)).map(drop),
    }
}

fn header(reader: impl BufRead) -> Result<(Columns, Place), Failure> {
    let line = Lines::new(reader, Place::default()).next().map_err(unreadable)?;
    let line = line.ok_or_else(|| Failure::Input("the file of cards is empty".to_owned()))?;
    Ok((Columns::parse(&line.text.unwrap_or_default())?, line.end))
}

fn unreadable(error: io::Error) -> Failure {
    Failure::Local(format!("the file of cards: {}", error.kind()))
}

fn stopped(journal: &Journal) -> Failure {
    Failure::Interrupted(format!("stopped; done up to line {}", journal.state().lines))
}

/// Going to a place in what is read.
trait SeekTo {
    fn seek_to(&mut self, bytes: u64) -> io::Result<()>;
}

impl SeekTo for BufReader<&mut File> {
    fn seek_to(&mut self, bytes: u64) -> io::Result<()> {
        self.seek(SeekFrom::Start(bytes)).map(drop)
    }
}

/// An import from standard input is never resumed, so the place is always where it stands already.
impl SeekTo for BufReader<io::Stdin> {
    fn seek_to(&mut self, _bytes: u64) -> io::Result<()> {
        Ok(())
    }
}
