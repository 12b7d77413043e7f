//! Writing down what became of batches, so that nothing is lost and nothing stands there twice.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::ImportReport;
use super::lines::Place;
use super::outcome::Outcome;
use super::state::{Options, Source, State};
use crate::failure::Failure;
use crate::output::{printable, sync_folder_of};

/// The files of an import.
pub(super) struct Places {
    /// For the tokens.
    pub(super) results: PathBuf,
    /// For what was refused.
    pub(super) errors: PathBuf,
    /// For how far it is; none if it cannot be resumed.
    pub(super) state: Option<PathBuf>,
}

/// The open files of an import.
pub(super) struct Journal {
    places: Places,
    state: State,
    results: File,
    errors: File,
}

impl Journal {
    /// Begins an import, or goes on with one: then results and errors are cut back to what the state vouches for.
    pub(super) fn open(
        places: Places,
        source: Option<Source>,
        options: Options,
        now: SystemTime,
        accept_doubles: bool,
    ) -> Result<Self, Failure> {
        let found = places.state.as_deref().map(State::load).transpose()?.flatten();
        let state = match found {
            Some(state) => {
                state.may_resume(source, &options, now, accept_doubles)?;
                state
            }
            None => {
                refuse_existing(&places)?;
                State::new(source, options, now)
            }
        };
        let results = open_at(&places.results, state.results_length)?;
        let errors = open_at(&places.errors, state.errors_length)?;
        let mut journal = Self { places, state, results, errors };
        // Before anything is sent: without its id an import that is killed could not recognise its own batches.
        journal.save(now)?;
        Ok(journal)
    }

    /// How far the import is.
    pub(super) const fn state(&self) -> &State {
        &self.state
    }

    /// Where it goes on in the file.
    pub(super) const fn place(&self) -> Place {
        Place { bytes: self.state.bytes, lines: self.state.lines }
    }

    /// Writes a batch down. Batches come in their order.
    pub(super) fn write(&mut self, outcome: &Outcome, now: SystemTime) -> Result<(), Failure> {
        if outcome.batch != self.state.batches {
            return Err(Failure::Local("batches were written down out of order".to_owned()));
        }
        let results = results_csv(outcome, self.state.results_length == 0)
            .map_err(|error| Failure::file(&self.places.results, &error))?;
        let errors = errors_csv(outcome, self.state.errors_length == 0)
            .map_err(|error| Failure::file(&self.places.errors, &error))?;
        self.state.results_length += append(&mut self.results, &results, &self.places.results)?;
        self.state.errors_length += append(&mut self.errors, &errors, &self.places.errors)?;
        self.state.batches += 1;
        self.state.bytes = outcome.end.bytes;
        self.state.lines = outcome.end.lines;
        self.state.counts = self.state.counts.and(outcome);
        self.save(now)
    }

    /// Nothing is left to do.
    pub(super) fn finish(mut self, now: SystemTime) -> Result<ImportReport, Failure> {
        self.state.finished = true;
        self.save(now)?;
        Ok(ImportReport {
            import: self.state.import,
            counts: self.state.counts,
            results: self.places.results,
            errors: self.places.errors,
        })
    }

    fn save(&mut self, now: SystemTime) -> Result<(), Failure> {
        match &self.places.state {
            Some(path) => self.state.save(path, now),
            None => Ok(()),
        }
    }
}

/// Files of another import are not overwritten. Empty ones are of an import that was killed before it had a state.
fn refuse_existing(places: &Places) -> Result<(), Failure> {
    for path in [&places.results, &places.errors] {
        if path.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            return Err(Failure::Usage(format!(
                "{} exists, and there is no state to go on from; give another --out",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Opens a file for what follows its first so many bytes, for this process alone.
fn open_at(path: &Path, length: u64) -> Result<File, Failure> {
    let failed = |error: io::Error| Failure::file(path, &error);
    let options = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).clone();
    let mut file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::Usage(format!("{}: another import is writing to it", path.display())));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let found = file.metadata().map_err(failed)?.len();
    if found < length {
        return Err(Failure::Usage(format!(
            "{}: shorter than the state of the import says; lines that are done are missing",
            path.display()
        )));
    }
    file.set_len(length).map_err(failed)?;
    file.seek(SeekFrom::Start(length)).map_err(failed)?;
    sync_folder_of(path).map_err(failed)?;
    Ok(file)
}

fn append(file: &mut File, bytes: &[u8], path: &Path) -> Result<u64, Failure> {
    if bytes.is_empty() {
        return Ok(0);
    }
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    written.map_err(|error| Failure::file(path, &error))?;
    Ok(bytes.len() as u64)
}

fn results_csv(outcome: &Outcome, first: bool) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if first {
        writer.write_record(["line", "status", "token", "bin", "last4"])?;
    }
    for made in &outcome.made {
        let status = if made.existing { "existing" } else { "created" };
        writer.write_record([&made.line.to_string(), status, made.token.as_str(), &made.bin, &made.last4])?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

fn errors_csv(outcome: &Outcome, first: bool) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if first {
        writer.write_record(["line", "code", "detail"])?;
    }
    for error in &outcome.failed {
        writer.write_record([
            &error.line.to_string(),
            &*printable(&error.code),
            &*printable(&error.detail),
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}
