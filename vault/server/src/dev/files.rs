//! The folder: what lies where, and who may read it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What lies where.
pub(super) struct Layout(PathBuf);

impl Layout {
    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.0
    }

    /// Makes the folder and those in it, for their owner alone.
    pub(super) fn prepare(folder: &Path) -> io::Result<Self> {
        private_folder(folder)?;
        let layout = Self(folder.canonicalize()?);
        for folder in [layout.clients(), layout.data(), layout.witness()] {
            private_folder(&folder)?;
        }
        Ok(layout)
    }

    /// Further destinations, if somebody has written them down.
    pub(super) fn destinations(&self) -> io::Result<String> {
        match fs::read_to_string(self.0.join("egress.toml")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read,
        }
    }

    pub(super) fn token(&self) -> PathBuf {
        self.0.join("token")
    }

    pub(super) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// Not there at first: nobody has agreed to anything.
    pub(super) fn approvals(&self) -> PathBuf {
        self.0.join("approvals")
    }

    pub(super) fn witness(&self) -> PathBuf {
        self.0.join("witness")
    }

    pub(super) fn clients(&self) -> PathBuf {
        self.0.join("clients")
    }

    pub(super) fn client(&self, tenant: &str, service: &str, end: &str) -> PathBuf {
        self.clients().join(format!("{tenant}-{service}.{end}"))
    }

    pub(super) fn authority(&self) -> PathBuf {
        self.0.join("ca.pem")
    }

    pub(super) fn authority_key(&self) -> PathBuf {
        self.0.join("ca.key")
    }

    pub(super) fn server(&self, end: &str) -> PathBuf {
        self.0.join(format!("server.{end}"))
    }

    pub(super) fn config(&self) -> PathBuf {
        self.0.join("strongroomd.toml")
    }

    pub(super) fn verifier_key(&self) -> PathBuf {
        self.0.join("audit-verifier.key")
    }
}

/// Writes a file as a whole: whoever looks sees the old one or the new one.
pub(super) fn write(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let unfinished = PathBuf::from(name);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&unfinished)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}

fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}
