//! What an import has to remember: which job it is, and what the job was begun with.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use strongroom_api::JobText;

use super::Format;
use crate::failure::Failure;
use crate::output::{owner_only, sync_folder_of, with_suffix};

const VERSION: u32 = 2;

/// By what a file is known to be the same. Its content is not hashed: there are so few cards that a hash is as good as the
/// number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) length: u64,
    modified: u64,
}

impl Source {
    /// As it is now.
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::file(path, &error);
        let metadata = fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(Failure::Usage(format!("{}: not a file", path.display())));
        }
        let modified = metadata.modified().map_err(failed)?.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self { length: metadata.len(), modified: u64::try_from(modified.as_nanos()).unwrap_or(u64::MAX) })
    }
}

/// What decides how the file is cut and what is asked for it.
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

/// The import. How far it is, the vault knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    /// The job of the vault.
    pub(super) job: JobText,
    source: Option<Source>,
    options: Options,
}

impl State {
    /// Of a job that has begun.
    pub(super) const fn new(job: JobText, source: Option<Source>, options: Options) -> Self {
        Self { version: VERSION, job, source, options }
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
    pub(super) fn may_resume(&self, source: Option<Source>, options: &Options) -> Result<(), Failure> {
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
        Ok(())
    }

    /// Writes it so that after a crash there is this one or none, and never a part.
    pub(super) fn save(&self, path: &Path) -> Result<(), Failure> {
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

#[cfg(test)]
mod tests {
    use strongroom_api::Text;
    use strongroom_domain::JobId;

    use super::*;

    fn options() -> Options {
        Options { format: FormatName::Csv, profile: None, ttl_seconds: None, single_use: false, batch: 500 }
    }

    fn state() -> State {
        State::new(Text(JobId::from_random([7; 16])), SOURCE, options())
    }

    const SOURCE: Option<Source> = Some(Source { length: 10, modified: 1 });

    #[test]
    fn survives_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        assert_eq!(State::load(&path).unwrap(), None);
        state().save(&path).unwrap();
        assert_eq!(State::load(&path).unwrap(), Some(state()));
        fs::write(&path, "{}").unwrap();
        assert!(State::load(&path).is_err());
    }

    #[test]
    fn is_for_the_same_file_and_the_same_options() {
        assert!(state().may_resume(SOURCE, &options()).is_ok());
        let longer = Some(Source { length: 11, modified: 1 });
        let touched = Some(Source { length: 10, modified: 2 });
        for source in [longer, touched, None] {
            assert!(state().may_resume(source, &options()).is_err());
        }
        let other = Options { batch: 499, ..options() };
        assert!(state().may_resume(SOURCE, &other).is_err());
    }
}
