use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::Failure;

/// More than any private key has.
const LARGEST: u64 = 64 * 1024;

/// Reads a private key, if nobody but its owner can. The file is opened first and looked at then, so that what is read
/// is what was looked at.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |error: std::io::Error| Failure::Usage(format!("{}: {}", path.display(), error.kind()));
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Failure::Usage(format!(
            "the key file {0} can be used by others (mode {mode:04o}); run: chmod 600 {0}",
            path.display()
        )));
    }
    if metadata.len() > LARGEST {
        return Err(Failure::Usage(format!("{}: this is no private key", path.display())));
    }
    // One more than is read, so that the buffer never grows and leaves a copy behind.
    let mut key = Zeroizing::new(Vec::with_capacity(usize::try_from(LARGEST).unwrap_or_default() + 1));
    file.take(LARGEST).read_to_end(&mut key).map_err(failed)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_that_others_can_use_is_refused_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.key");
        fs::write(&path, b"pem").unwrap();
        for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let line = read(&path).unwrap_err().line().unwrap();
            assert!(line.ends_with(&format!("chmod 600 {}", path.display())), "{line}");
        }
        for mode in [0o600, 0o400] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path).unwrap().as_slice(), b"pem");
        }
    }
}
