//! Opening files that hold secrets, and no others.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

/// Why a file was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrivateFileError {
    /// Missing, or not to be read.
    #[error("cannot be read: {0}")]
    Unreadable(ErrorKind),
    /// A folder or a device.
    #[error("is not a file")]
    NotAFile,
    /// Others could read it or put another in its place.
    #[error("has mode {found:04o}; it must be {allowed}")]
    Mode {
        /// Its permission bits.
        found: u32,
        /// What they must be.
        allowed: &'static str,
    },
    /// Somebody else can change it.
    #[error("must belong to the user that runs this process, or to root")]
    Owner,
    /// Not the text of a PIN or a password.
    #[error("holds no UTF-8 text")]
    NotText,
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// Not started by systemd with that credential.
    #[error("names no credential: CREDENTIALS_DIRECTORY is not set, or the name is not a plain file name")]
    NoCredentials,
}

/// Who may have access to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoMayRead {
    /// Its owner reads it and nobody writes it.
    OwnerOnlyReads,
    /// Its owner reads and writes it.
    Owner,
    /// systemd's credentials: its access list shows as a group's right to read.
    CredentialHolder,
}

impl WhoMayRead {
    const fn forbidden_bits(self) -> u32 {
        match self {
            Self::OwnerOnlyReads => 0o7377,
            Self::Owner => 0o7177,
            Self::CredentialHolder => 0o7337,
        }
    }

    const fn allowed(self) -> &'static str {
        match self {
            Self::OwnerOnlyReads => "0400",
            Self::Owner => "0400 or 0600",
            Self::CredentialHolder => "0400 or 0440",
        }
    }
}

/// Opens a file if nobody else has access to it. What is looked at is the open file and not its name, so it cannot be
/// exchanged in between.
pub fn open_private(path: &Path, who: WhoMayRead) -> Result<File, PrivateFileError> {
    let unreadable = |error: std::io::Error| PrivateFileError::Unreadable(error.kind());
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(PrivateFileError::NotAFile);
    }
    let mode = metadata.mode() & 0o7777;
    if mode & who.forbidden_bits() != 0 {
        return Err(PrivateFileError::Mode { found: mode, allowed: who.allowed() });
    }
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() == own || metadata.uid() == 0 { Ok(file) } else { Err(PrivateFileError::Owner) }
}

/// Longer than any PIN or password.
const MAX_SECRET_BYTES: usize = 1024;

/// Reads a PIN or a password; a line break at the end does not count.
pub fn read_private_text(file: File) -> Result<SecretString, PrivateFileError> {
    // All of it is allocated beforehand, so that growing leaves no copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SECRET_BYTES + 1));
    let limit = u64::try_from(MAX_SECRET_BYTES).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| PrivateFileError::Unreadable(error.kind()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| PrivateFileError::NotText)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(PrivateFileError::Empty);
    }
    Ok(SecretString::from(secret))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_private_modes_are_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "1234").unwrap();
        let opened = |mode: u32, who| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            open_private(&path, who).map(drop)
        };
        for (who, accepted) in [
            (WhoMayRead::OwnerOnlyReads, &[0o400][..]),
            (WhoMayRead::Owner, &[0o400, 0o600][..]),
            (WhoMayRead::CredentialHolder, &[0o400, 0o440][..]),
        ] {
            for mode in 0..=0o777_u32 {
                // Root opens what it has no right to read; everybody else is refused by the kernel already.
                if mode & 0o400 == 0 {
                    continue;
                }
                let outcome = opened(mode, who);
                if accepted.contains(&mode) {
                    assert_eq!(outcome, Ok(()), "{mode:04o} for {who:?}");
                } else {
                    let refusal = PrivateFileError::Mode { found: mode, allowed: who.allowed() };
                    assert_eq!(outcome, Err(refusal), "{mode:04o} for {who:?}");
                }
            }
        }
    }

    #[test]
    fn a_folder_is_no_file_and_a_missing_one_is_named_so() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(open_private(folder.path(), WhoMayRead::Owner).map(drop), Err(PrivateFileError::NotAFile));
        let missing = open_private(&folder.path().join("none"), WhoMayRead::Owner).map(drop);
        assert_eq!(missing, Err(PrivateFileError::Unreadable(ErrorKind::NotFound)));
    }
}
