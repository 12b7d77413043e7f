//! Writing down what became of lines, so that nothing is lost and nothing stands there twice.
//!
//! Results and errors are two files in the order of the cards. What is in them tells how far they are: after a kill the
//! last part may stand there in part, or in one of them only. They are cut back to where that part begins.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::outcome::{LineError, Made, Outcome};
use crate::failure::Failure;
use crate::output::{printable, sync_folder_of};

/// The files of an import.
pub(super) struct Places {
    /// For the tokens.
    pub(super) results: PathBuf,
    /// For what was refused.
    pub(super) errors: PathBuf,
    /// For the job's name; none if it cannot be resumed.
    pub(super) state: Option<PathBuf>,
}

/// The open files of an import.
pub(super) struct Journal {
    results: Lane,
    errors: Lane,
}

/// One of them.
struct Lane {
    path: PathBuf,
    file: File,
    header: [&'static str; 5],
    columns: usize,
}

/// What stands on a line that was written.
pub(super) struct Written {
    /// The number of the card's line.
    pub(super) line: u64,
    /// The token and whether it was there before; none if the card's line was refused.
    pub(super) token: Option<(String, bool)>,
}

/// Reads what was written, in the order of the cards.
pub(super) struct Reading {
    lanes: [ReadingLane; 2],
}

struct ReadingLane {
    reader: BufReader<File>,
    place: u64,
    has_token: bool,
    waiting: Option<Written>,
}

impl Journal {
    /// Opens the files for this process alone. Those of another import are not overwritten.
    pub(super) fn open(places: &Places, may_exist: bool) -> Result<Self, Failure> {
        let lane = |path: &Path, header, columns| Lane::open(path, header, columns, may_exist);
        Ok(Self {
            results: lane(&places.results, ["line", "status", "token", "bin", "last4"], 5)?,
            errors: lane(&places.errors, ["line", "code", "detail", "", ""], 3)?,
        })
    }

    /// Reads from the start what is whole.
    pub(super) fn read(&self) -> Result<Reading, Failure> {
        Ok(Reading { lanes: [self.results.read(true)?, self.errors.read(false)?] })
    }

    /// Cuts both files back to what is about lines of cards before this one.
    pub(super) fn cut_before(&mut self, line: u64) -> Result<(), Failure> {
        for (lane, has_token) in [(&mut self.results, true), (&mut self.errors, false)] {
            let mut reading = lane.read(has_token)?;
            let mut end = reading.place;
            while let Some(written) = reading.next(&lane.path)? {
                if written.line >= line {
                    break;
                }
                end = reading.place;
            }
            lane.cut(end)?;
        }
        Ok(())
    }

    /// Writes a part down; it is on the disk on return. Parts come in their order.
    pub(super) fn write(&mut self, outcomes: &[Outcome]) -> Result<(), Failure> {
        self.results.append(outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Made(Made { line, existing, token, bin, last4 }) => {
                let status = if *existing { "existing" } else { "created" };
                Some([line.to_string(), status.to_owned(), token.clone(), bin.clone(), last4.clone()])
            }
            Outcome::Refused(_) => None,
        }))?;
        self.errors.append(outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Made(_) => None,
            Outcome::Refused(LineError { line, code, detail }) => {
                let [code, detail] = [printable(code), printable(detail)].map(std::borrow::Cow::into_owned);
                Some([line.to_string(), code, detail, String::new(), String::new()])
            }
        }))
    }
}

impl Reading {
    /// What was written of the next card's line; none at the end of what is whole.
    pub(super) fn next(&mut self, places: &Places) -> Result<Option<Written>, Failure> {
        let [results, errors] = &mut self.lanes;
        results.fill(&places.results)?;
        errors.fill(&places.errors)?;
        let results_first = match (&results.waiting, &errors.waiting) {
            (Some(result), Some(error)) => result.line < error.line,
            (result, _) => result.is_some(),
        };
        Ok(if results_first { results.waiting.take() } else { errors.waiting.take() })
    }
}

impl ReadingLane {
    fn fill(&mut self, path: &Path) -> Result<(), Failure> {
        if self.waiting.is_none() {
            self.waiting = self.next(path)?;
        }
        Ok(())
    }

    fn next(&mut self, path: &Path) -> Result<Option<Written>, Failure> {
        let mut text = Vec::with_capacity(128);
        // What a kill left half is none.
        let failed = |error: io::Error| Failure::file(path, &error);
        self.reader.read_until(b'\n', &mut text).map_err(failed)?;
        if text.last() != Some(&b'\n') {
            return Ok(None);
        }
        self.place += text.len() as u64;
        let foreign =
            || Failure::Usage(format!("{}: not what an import wrote; give another --out", path.display()));
        let text = std::str::from_utf8(&text).map_err(|_| foreign())?;
        let mut fields = text.trim_end().split(',');
        let line = fields.next().and_then(|line| line.parse().ok()).ok_or_else(foreign)?;
        let token = if self.has_token {
            let existing = match fields.next() {
                Some("created") => false,
                Some("existing") => true,
                _ => return Err(foreign()),
            };
            Some((fields.next().ok_or_else(foreign)?.to_owned(), existing))
        } else {
            None
        };
        Ok(Some(Written { line, token }))
    }
}

impl Lane {
    fn open(
        path: &Path,
        header: [&'static str; 5],
        columns: usize,
        may_exist: bool,
    ) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::file(path, &error);
        let is_there = path.metadata().is_ok_and(|metadata| metadata.len() > 0);
        if is_there && !may_exist {
            return Err(Failure::Usage(format!(
                "{} exists, and there is no job to go on with; give another --out, or --resume the job",
                path.display()
            )));
        }
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).clone();
        let file = options.open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::Usage(format!("{}: another import is writing to it", path.display())));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        sync_folder_of(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, header, columns })
    }

    /// From behind the header.
    fn read(&self, has_token: bool) -> Result<ReadingLane, Failure> {
        let failed = |error: io::Error| Failure::file(&self.path, &error);
        let mut reader = BufReader::new(File::open(&self.path).map_err(failed)?);
        let expected = self.header_line();
        let mut found = Vec::with_capacity(expected.len());
        reader.by_ref().take(expected.len() as u64).read_to_end(&mut found).map_err(failed)?;
        let place = if found == expected { found.len() as u64 } else { 0 };
        if place == 0 {
            // Killed while the header was written, or another program's.
            if !expected.starts_with(&found) {
                return Err(Failure::Usage(format!(
                    "{}: not what an import wrote; give another --out",
                    self.path.display()
                )));
            }
        }
        Ok(ReadingLane { reader, place, has_token, waiting: None })
    }

    fn cut(&mut self, length: u64) -> Result<(), Failure> {
        let cut = self.file.set_len(length).and_then(|()| self.file.seek(SeekFrom::Start(length)));
        cut.map(drop).map_err(|error| Failure::file(&self.path, &error))
    }

    fn append(&mut self, rows: impl Iterator<Item = [String; 5]>) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::file(&self.path, &error);
        let mut bytes =
            if self.file.stream_position().map_err(failed)? == 0 { self.header_line() } else { Vec::new() };
        let header = bytes.len();
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(&mut bytes);
        for row in rows {
            writer.write_record(row.iter().take(self.columns)).map_err(|error| failed(error.into()))?;
        }
        writer.flush().map_err(failed)?;
        drop(writer);
        if bytes.len() == header && header == 0 {
            return Ok(());
        }
        self.file.write_all(&bytes).and_then(|()| self.file.sync_data()).map_err(failed)
    }

    fn header_line(&self) -> Vec<u8> {
        let names: Vec<&str> = self.header.iter().take(self.columns).copied().collect();
        format!("{}\n", names.join(",")).into_bytes()
    }
}
