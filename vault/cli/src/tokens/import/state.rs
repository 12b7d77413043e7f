//! How far an import is, in a file of its own.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Format;
use super::outcome::Counts;
use crate::failure::Failure;
use crate::output::{owner_only, sync_folder_of, with_suffix};

const VERSION: u32 = 1;

/// The vault recognises a batch for 24 hours. An hour less, for clocks and for what was sent before the last save.
const RECOGNISED: Duration = Duration::from_secs(23 * 3600);

/// Which file of cards it is. Neither contents nor a hash of them: a hash of card numbers gives them away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    /// Its length in bytes.
    pub(super) length: u64,
    /// When it was last changed, in nanoseconds since 1970.
    pub(super) modified: u64,
}

impl Source {
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::file(path, &error);
        let metadata = fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(Failure::Usage(format!("{}: give a file, or - for standard input", path.display())));
        }
        let modified = since_1970(metadata.modified().map_err(failed)?);
        let modified = u64::try_from(modified.as_nanos()).unwrap_or(u64::MAX);
        Ok(Self { length: metadata.len(), modified })
    }
}

/// What decides which request a line becomes, and in which batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    pub(super) format: FormatName,
    pub(super) profile: Option<String>,
    pub(super) ttl_seconds: Option<u64>,
    pub(super) single_use: bool,
    pub(super) batch: usize,
}

/// [`Format`] in a state file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FormatName {
    Csv,
    Ndjson,
}

impl From<Format> for FormatName {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Ndjson => Self::Ndjson,
        }
    }
}

/// How far it is: everything up to the end of a batch, and nothing of the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    /// Random; begins the key of every batch.
    pub(super) import: String,
    source: Option<Source>,
    options: Options,
    /// Batches that are done.
    pub(super) batches: u64,
    /// Bytes of the file that are done.
    pub(super) bytes: u64,
    /// Lines of the file that are done.
    pub(super) lines: u64,
    /// What became of them.
    pub(super) counts: Counts,
    /// The length of the results.
    pub(super) results_length: u64,
    /// The length of the errors.
    pub(super) errors_length: u64,
    /// When this was written, in seconds since 1970.
    saved_at: u64,
    /// Whether nothing is left to do.
    pub(super) finished: bool,
}

impl State {
    /// The state of an import that begins.
    pub(super) fn new(source: Option<Source>, options: Options, now: SystemTime) -> Self {
        Self {
            version: VERSION,
            import: uuid::Uuid::new_v4().simple().to_string(),
            source,
            options,
            batches: 0,
            bytes: 0,
            lines: 0,
            counts: Counts::default(),
            results_length: 0,
            errors_length: 0,
            saved_at: since_1970(now).as_secs(),
            finished: false,
        }
    }

    /// Reads it; none if there is no such file.
    pub(super) fn load(path: &Path) -> Result<Option<Self>, Failure> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file(path, &error)),
        };
        match serde_json::from_slice::<Self>(&text) {
            Ok(state) if state.version == VERSION => Ok(Some(state)),
            _ => {
                Err(Failure::Usage(format!("{}: not the state of an import by this version", path.display())))
            }
        }
    }

    /// Whether this command may go on from it.
    pub(super) fn may_resume(
        &self,
        source: Option<Source>,
        options: &Options,
        now: SystemTime,
        accept_doubles: bool,
    ) -> Result<(), Failure> {
        if self.source != source {
            return Err(Failure::Usage(
                "the file of cards has changed since this import began; import it anew with another --out"
                    .to_owned(),
            ));
        }
        if self.options != *options {
            return Err(Failure::Usage(
                "this import began with other options; give the same --format, --profile, --ttl, --single-use and \
                 --batch"
                    .to_owned(),
            ));
        }
        let age = since_1970(now).saturating_sub(Duration::from_secs(self.saved_at));
        if !self.finished && !accept_doubles && age > RECOGNISED {
            return Err(Failure::Usage(format!(
                "this import stopped after line {} more than 23 hours ago: the vault no longer recognises what was \
                 under way then, so lines after it might get a second token; --accept-doubles goes on all the same",
                self.lines
            )));
        }
        Ok(())
    }

    /// Writes it so that after a crash there is this one or the one before, and never a part.
    pub(super) fn save(&mut self, path: &Path, now: SystemTime) -> Result<(), Failure> {
        self.saved_at = since_1970(now).as_secs();
        let next = with_suffix(path, ".next");
        let written = || {
            let mut file: File = owner_only().create(true).truncate(true).open(&next)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()?;
            fs::rename(&next, path)?;
            sync_folder_of(path)
        };
        written().map_err(|error: io::Error| Failure::file(path, &error))
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options { format: FormatName::Csv, profile: None, ttl_seconds: None, single_use: false, batch: 500 }
    }

    const SOURCE: Option<Source> = Some(Source { length: 10, modified: 1 });

    #[test]
    fn survives_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        assert_eq!(State::load(&path).unwrap(), None);
        let mut state = State::new(SOURCE, options(), SystemTime::now());
        state.save(&path, SystemTime::now()).unwrap();
        assert_eq!(State::load(&path).unwrap(), Some(state));
        fs::write(&path, "{}").unwrap();
        assert!(State::load(&path).is_err());
    }

    #[test]
    fn is_for_the_same_file_and_the_same_options() {
        let now = SystemTime::now();
        let state = State::new(SOURCE, options(), now);
        assert!(state.may_resume(SOURCE, &options(), now, false).is_ok());
        let longer = Some(Source { length: 11, modified: 1 });
        let touched = Some(Source { length: 10, modified: 2 });
        for source in [longer, touched, None] {
            assert!(state.may_resume(source, &options(), now, true).is_err());
        }
        let other = Options { batch: 499, ..options() };
        assert!(state.may_resume(SOURCE, &other, now, true).is_err());
    }

    #[test]
    fn is_for_as_long_as_the_vault_recognises_a_batch() {
        let now = SystemTime::now();
        let mut state = State::new(SOURCE, options(), now);
        let later = now + Duration::from_secs(24 * 3600);
        assert!(state.may_resume(SOURCE, &options(), later, false).is_err());
        assert!(state.may_resume(SOURCE, &options(), later, true).is_ok());
        state.finished = true;
        assert!(state.may_resume(SOURCE, &options(), later, false).is_ok());
    }
}
