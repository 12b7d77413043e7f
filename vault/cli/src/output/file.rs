use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file that appears under its name only when it is whole: it is written beside it first. Readable by its owner only.
pub struct NewFile {
    path: PathBuf,
    partial: PathBuf,
    writer: BufWriter<File>,
    replace: bool,
}

impl NewFile {
    /// Begins it. A file of that name is in the way unless it may be replaced.
    pub fn create(path: &Path, replace: bool) -> Result<Self, Failure> {
        if !replace && path.exists() {
            return Err(Failure::Usage(format!("{} exists; --force replaces it", path.display())));
        }
        let partial = with_suffix(path, ".partial");
        let file = owner_only()
            .create(true)
            .truncate(true)
            .open(&partial)
            .map_err(|error| Failure::file(&partial, &error))?;
        Ok(Self { path: path.to_owned(), partial, writer: BufWriter::new(file), replace })
    }

    /// Gives it its name, once all of it is on the disk.
    pub fn finish(self) -> Result<(), Failure> {
        let Self { path, partial, writer, replace } = self;
        let placed = || {
            let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            if replace {
                fs::rename(&partial, &path)?;
            } else {
                // Unlike a rename, a link does not replace a file that has come in between.
                fs::hard_link(&partial, &path)?;
                fs::remove_file(&partial)?;
            }
            sync_folder_of(&path)
        };
        placed().map_err(|error| Failure::file(&path, &error))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Opens files for writing that only their owner may read.
pub fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Makes a file's name durable, and not only its contents.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// The path with something after its name.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_name_appears_with_the_whole_file_and_is_for_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let mut file = NewFile::create(&path, false).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn replaces_only_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let early = NewFile::create(&path, false).unwrap();
        fs::write(&path, b"came in between").unwrap();
        assert!(early.finish().is_err());
        assert!(NewFile::create(&path, false).is_err());
        NewFile::create(&path, true).unwrap().finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
    }
}
