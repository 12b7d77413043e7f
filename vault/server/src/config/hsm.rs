//! Where the HSM is, and where its PIN comes from.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::private_file::{PrivateFileError, WhoMayRead, open_private, read_private_text};
use super::values;

/// `[hsm]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HsmConfig {
    /// The PKCS#11 module, a shared library.
    pub module: PathBuf,
    /// CKA_LABEL of the token. Slot numbers are of no use: they change.
    pub token_label: String,
    /// The token's serial number, where two tokens carry the same label.
    #[serde(default)]
    pub token_serial: Option<String>,
    /// A file of mode 0400 that holds the PIN.
    #[serde(default)]
    pub pin_file: Option<PathBuf>,
    /// An inherited file descriptor from which the PIN can be read.
    #[serde(default)]
    pub pin_fd: Option<u32>,
    /// The name of a systemd credential (`LoadCredential=`, `LoadCredentialEncrypted=`) that holds the PIN.
    #[serde(default)]
    pub pin_credential: Option<String>,
    /// Sessions, and so threads.
    #[serde(default = "four", deserialize_with = "values::at_least_one")]
    pub sessions: u32,
    /// How long a call may take, waiting included.
    #[serde(
        rename = "deadline_milliseconds",
        default = "one_second",
        deserialize_with = "values::milliseconds"
    )]
    pub deadline: Duration,
    /// Folders and devices that the module writes to.
    #[serde(default)]
    pub writable_paths: Vec<PathBuf>,
}

const fn four() -> u32 {
    4
}

const fn one_second() -> Duration {
    Duration::from_secs(1)
}

impl HsmConfig {
    pub(super) fn names_one_pin_source(&self) -> bool {
        [self.pin_file.is_some(), self.pin_fd.is_some(), self.pin_credential.is_some()]
            .iter()
            .filter(|named| **named)
            .count()
            == 1
    }

    /// Where the PIN comes from.
    pub fn pin_source(&self) -> PinSource<'_> {
        match (&self.pin_file, self.pin_fd, &self.pin_credential) {
            (Some(path), _, _) => PinSource::File(path),
            (None, Some(number), _) => PinSource::Descriptor(number),
            (None, None, name) => PinSource::Credential(name.as_deref().unwrap_or_default()),
        }
    }
}

/// Where the PIN comes from. Never the environment, the arguments or the configuration: those are seen by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinSource<'a> {
    /// A file of mode 0400.
    File(&'a Path),
    /// An inherited file descriptor.
    Descriptor(u32),
    /// A file in systemd's credentials directory.
    Credential(&'a str),
}

/// A PIN that can be read, once.
pub struct OpenPin(File);

impl PinSource<'_> {
    /// Opens it. Done before the process is hardened, which takes away the access to inherited descriptors by name.
    pub fn open(self) -> Result<OpenPin, PrivateFileError> {
        match self {
            Self::File(path) => open_private(path, WhoMayRead::OwnerOnlyReads).map(OpenPin),
            Self::Descriptor(number) => File::open(format!("/proc/self/fd/{number}"))
                .map(OpenPin)
                .map_err(|error| PrivateFileError::Unreadable(error.kind())),
            Self::Credential(name) => {
                let folder =
                    std::env::var_os("CREDENTIALS_DIRECTORY").ok_or(PrivateFileError::NoCredentials)?;
                let is_plain = !name.is_empty() && !name.contains('/') && name != "..";
                if !is_plain {
                    return Err(PrivateFileError::NoCredentials);
                }
                open_private(&Path::new(&folder).join(name), WhoMayRead::CredentialHolder).map(OpenPin)
            }
        }
    }
}

impl OpenPin {
    /// Reads it; a line break at the end does not count.
    pub fn read(self) -> Result<SecretString, PrivateFileError> {
        read_private_text(self.0)
    }
}
