//! A file that signed checkpoints are appended to.

mod notes;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use strongroom_core::ports::{Witness, WitnessError};

use notes::{Appender, BETWEEN_NOTES, greatest_sizes};

/// Keeps checkpoints in a file of mode 0600, one signed note after the other, an empty line between them. Notes of
/// several streams stand in it as they come.
pub struct FileWitness {
    name: String,
    file: Arc<Mutex<Appender<File>>>,
}

/// Why the file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WitnessFileError {
    /// It cannot be opened, made or read.
    #[error("cannot be used: {0}")]
    Unusable(ErrorKind),
    /// Others could change what it witnesses.
    #[error("must be writable by its owner alone (mode 0600)")]
    OpenToOthers,
}

impl From<io::Error> for WitnessFileError {
    fn from(error: io::Error) -> Self {
        Self::Unusable(error.kind())
    }
}

impl FileWitness {
    /// Opens the file, makes it if need be.
    pub fn open(path: &Path) -> Result<Self, WitnessFileError> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        if file.metadata()?.permissions().mode() & 0o022 != 0 {
            return Err(WitnessFileError::OpenToOthers);
        }
        let complete = ends_with_a_whole_note(&mut file)?;
        let file = Arc::new(Mutex::new(Appender::new(file, complete)));
        Ok(Self { name: path.display().to_string(), file })
    }

    /// Of each of these streams that the file knows, the most records that any of its notes covers.
    pub async fn sizes_seen(&self, streams: Vec<String>) -> Result<BTreeMap<String, u64>, WitnessFileError> {
        self.with_file(move |file| {
            file.inner().seek(SeekFrom::Start(0))?;
            greatest_sizes(BufReader::with_capacity(READ_BYTES, file.inner()), &streams)
        })
        .await
        .map_err(WitnessFileError::from)
    }

    async fn with_file<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Appender<File>) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let file = Arc::clone(&self.file);
        tokio::task::spawn_blocking(move || act(&mut file.lock().unwrap_or_else(PoisonError::into_inner)))
            .await
            .unwrap_or_else(|_| Err(ErrorKind::Other.into()))
    }
}

#[async_trait]
impl Witness for FileWitness {
    fn name(&self) -> &str {
        &self.name
    }

    async fn publish(&self, note: &str) -> Result<(), WitnessError> {
        let note = note.to_owned();
        self.with_file(move |file| {
            file.append(&note)?;
            file.inner().sync_all()
        })
        .await
        .map_err(|_| WitnessError)
    }
}

/// How much is read at a time: a file of years has gigabytes.
const READ_BYTES: usize = 256 * 1024;

/// Otherwise a crash left half a note at the end.
fn ends_with_a_whole_note(file: &mut File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(BETWEEN_NOTES.len() as u64)))?;
    let mut end = String::new();
    // Bytes that are no text are no end of a note either.
    match file.read_to_string(&mut end) {
        Err(error) if error.kind() != ErrorKind::InvalidData => Err(error),
        _ => Ok(length == 0 || end == BETWEEN_NOTES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "strongroom/a/vault-1.1\n1\nAAAA\n\n\u{2014} key abcd\n";
    const SECOND: &str = "strongroom/a/vault-1.1\n2\nBBBB\n\n\u{2014} key efgh\n";
    const OTHER: &str = "strongroom/a/vault-1.1.2\n7\nCCCC\n\n\u{2014} key ijkl\n";

    async fn seen(witness: &FileWitness) -> Vec<(String, u64)> {
        let streams = ["vault-1.1", "vault-1.1.2", "vault-1.1.3"].map(str::to_owned);
        witness.sizes_seen(streams.into()).await.unwrap().into_iter().collect()
    }

    #[tokio::test]
    async fn notes_of_several_streams_are_appended_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.txt");
        let witness = FileWitness::open(&path).unwrap();
        assert_eq!(seen(&witness).await, []);
        for note in [FIRST, OTHER, SECOND] {
            witness.publish(note).await.unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{FIRST}\n{OTHER}\n{SECOND}\n"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let both = [("vault-1.1".to_owned(), 2), ("vault-1.1.2".to_owned(), 7)];
        assert_eq!(seen(&witness).await, both);
        assert_eq!(seen(&FileWitness::open(&path).unwrap()).await, both);
    }

    #[tokio::test]
    async fn what_a_crash_left_incomplete_spoils_no_other_note() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.txt");
        let third = SECOND.replace("\n2\n", "\n3\n");
        for end in 0..SECOND.len() + 1 {
            let mut torn = format!("{FIRST}\n").into_bytes();
            torn.extend_from_slice(&SECOND.as_bytes()[..end]);
            std::fs::write(&path, torn).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            let witness = FileWitness::open(&path).unwrap();
            assert!(matches!(seen(&witness).await[..], [(_, 1 | 2)]), "{end}");
            witness.publish(&third).await.unwrap();
            assert_eq!(seen(&witness).await, [("vault-1.1".to_owned(), 3)], "{end}");
            let text = std::fs::read(&path).unwrap();
            assert!(text.ends_with(format!("\n\n{third}\n").as_bytes()), "{end}");
        }
    }

    #[test]
    fn a_file_that_others_write_witnesses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.txt");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o662)).unwrap();
        assert_eq!(FileWitness::open(&path).map(drop), Err(WitnessFileError::OpenToOthers));
        let missing = FileWitness::open(&folder.path().join("none/checkpoints.txt")).map(drop);
        assert_eq!(missing, Err(WitnessFileError::Unusable(ErrorKind::NotFound)));
    }
}
