//! The files under the database: private, and used by one process.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::OpenError;

/// An exclusive lock on a file beside the database. SQLite's own locks let several processes take turns; here a second
/// process would answer from memory that the first has made stale, so it is kept out.
pub(super) struct ProcessLock {
    _file: File,
}

impl ProcessLock {
    /// Takes the lock. The operating system lets go of it when the process ends, however it ends.
    pub(super) fn take(database: &Path) -> Result<Self, OpenError> {
        folder_is_private(database)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(beside(database, "-lock"))
            .map_err(|_| OpenError::Unusable("the lock file beside the database"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
            Err(TryLockError::Error(_)) => Err(OpenError::Unusable("the lock file beside the database")),
        }
    }
}

/// Makes the database file if there is none, and refuses one that others may read. SQLite gives its log the same mode.
/// The file is only looked at, never opened: closing it again would drop the locks that SQLite holds on it.
pub(super) fn prepare(database: &Path) -> Result<(), OpenError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(database) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(_) => return Err(OpenError::Unusable("the database file")),
    }
    is_private(database, "the database file")?;
    for (suffix, what) in [("-wal", "the database's log"), ("-shm", "the database's shared memory file")] {
        let path = beside(database, suffix);
        if path.exists() {
            is_private(&path, what)?;
        }
    }
    Ok(())
}

fn folder_is_private(database: &Path) -> Result<(), OpenError> {
    let folder = match database.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Err(OpenError::Unusable("the database's folder")),
    };
    is_private(folder, "the database's folder")
}

fn is_private(path: &Path, what: &'static str) -> Result<(), OpenError> {
    let metadata = fs::metadata(path).map_err(|_| OpenError::Unusable(what))?;
    if metadata.permissions().mode() & 0o077 == 0 { Ok(()) } else { Err(OpenError::NotPrivate(what)) }
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(suffix);
    PathBuf::from(name)
}
