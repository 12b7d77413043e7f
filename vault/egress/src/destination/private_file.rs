//! Opening files that hold private keys, and no others.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use zeroize::Zeroizing;

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PrivateFileError {
    #[error("cannot be read: {0}")]
    Unreadable(ErrorKind),
    #[error("is not a file")]
    NotAFile,
    #[error("has mode {0:04o}; it must be 0400 or 0600")]
    Mode(u32),
    #[error("must belong to the user that runs this process, or to root")]
    Owner,
    #[error("is larger than a private key")]
    Size,
}

/// Reads a file if nobody else has access to it. What is looked at is the open file and not its name, so it cannot be
/// exchanged in between.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, PrivateFileError> {
    let unreadable = |error: std::io::Error| PrivateFileError::Unreadable(error.kind());
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(PrivateFileError::NotAFile);
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o7177 != 0 {
        return Err(PrivateFileError::Mode(mode));
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() && metadata.uid() != 0 {
        return Err(PrivateFileError::Owner);
    }
    // All of it is allocated beforehand, so that growing leaves no copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    file.take(u64::try_from(MAX_BYTES).unwrap_or(u64::MAX)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() == MAX_BYTES { Err(PrivateFileError::Size) } else { Ok(bytes) }
}

const MAX_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_private_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "key").unwrap();
        for (mode, outcome) in [
            (0o400, Ok(3)),
            (0o600, Ok(3)),
            (0o640, Err(PrivateFileError::Mode(0o640))),
            (0o644, Err(PrivateFileError::Mode(0o644))),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read_private(&path).map(|bytes| bytes.len()), outcome);
        }
        assert_eq!(read_private(folder.path()).map(drop), Err(PrivateFileError::NotAFile));
        let missing = read_private(&folder.path().join("none")).map(drop);
        assert_eq!(missing, Err(PrivateFileError::Unreadable(ErrorKind::NotFound)));
    }
}
