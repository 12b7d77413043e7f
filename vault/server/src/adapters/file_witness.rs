//! A file that signed checkpoints are appended to.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use strongroom_core::ports::{Witness, WitnessError};

/// Keeps checkpoints in a file of mode 0600, one signed note after the other, an empty line between them.
pub struct FileWitness {
    name: String,
    file: Arc<Mutex<File>>,
    last_note: Option<String>,
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

impl FileWitness {
    /// Opens the file, makes it if need be.
    pub fn open(path: &Path) -> Result<Self, WitnessFileError> {
        let unusable = |error: std::io::Error| WitnessFileError::Unusable(error.kind());
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(unusable)?;
        let metadata = file.metadata().map_err(unusable)?;
        if metadata.permissions().mode() & 0o022 != 0 {
            return Err(WitnessFileError::OpenToOthers);
        }
        let last_note = last_note(&mut file).map_err(unusable)?;
        Ok(Self { name: path.display().to_string(), file: Arc::new(Mutex::new(file)), last_note })
    }

    /// The newest note in the file when it was opened.
    pub fn last_note(&self) -> Option<&str> {
        self.last_note.as_deref()
    }
}

#[async_trait]
impl Witness for FileWitness {
    fn name(&self) -> &str {
        &self.name
    }

    async fn publish(&self, note: &str) -> Result<(), WitnessError> {
        // One write, so that a reader never sees half a note unless the disk is full.
        let text = format!("{}\n\n", note.trim_end_matches('\n'));
        let file = Arc::clone(&self.file);
        let written = tokio::task::spawn_blocking(move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            _ => Err(WitnessError),
        }
    }
}

/// A note is a text, an empty line and signature lines, so two parts make one. What a crash left incomplete has no
/// signature and is passed over.
fn last_note(file: &mut File) -> std::io::Result<Option<String>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    if !tail.is_empty() && !tail.ends_with(b"\n\n") {
        file.write_all(b"\n\n")?;
    }
    let tail = String::from_utf8_lossy(&tail);
    let parts: Vec<&str> = tail.split("\n\n").collect();
    Ok(parts
        .iter()
        .zip(parts.iter().skip(1))
        .rfind(|(_, signatures)| signatures.starts_with(SIGNATURE_LINE))
        .map(|(text, signatures)| format!("{}\n\n{signatures}\n", text.trim_start_matches('\n'))))
}

/// What signature lines begin with (C2SP signed notes).
const SIGNATURE_LINE: &str = "\u{2014} ";

/// Several notes: one has a few hundred bytes.
const TAIL_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "strongroom/a/vault-1.1\n1\nAAAA\n\n\u{2014} key abcd\n";
    const SECOND: &str = "strongroom/a/vault-1.1\n2\nBBBB\n\n\u{2014} key efgh\n";

    #[tokio::test]
    async fn notes_are_appended_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.txt");
        let witness = FileWitness::open(&path).unwrap();
        assert_eq!(witness.last_note(), None);
        for note in [FIRST, SECOND] {
            witness.publish(note).await.unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{FIRST}\n{SECOND}\n"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        std::fs::write(&path, format!("{FIRST}\n{SECOND}\nstrongroom/a/vault-1.1\n3\nCC")).unwrap();
        for _ in 0..2 {
            let witness = FileWitness::open(&path).unwrap();
            assert_eq!(witness.last_note(), Some(SECOND), "the incomplete one is passed over");
        }
        FileWitness::open(&path).unwrap().publish(FIRST).await.unwrap();
        assert_eq!(FileWitness::open(&path).unwrap().last_note(), Some(FIRST));
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
