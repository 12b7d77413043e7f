//! Where the module is.

use std::path::{Path, PathBuf};

use crate::SoftHsmError;

/// The environment variable that names the module and goes before every other place.
pub const MODULE_VARIABLE: &str = "STRONGROOM_PKCS11_MODULE";

/// The path of the PKCS#11 module.
pub fn find_module() -> Result<PathBuf, SoftHsmError> {
    let named = std::env::var_os(MODULE_VARIABLE).map(PathBuf::from);
    first_that_exists(named.as_deref(), USUAL_PLACES.iter().map(Path::new))
        .ok_or(SoftHsmError::ModuleNotFound)
}

/// A module that was named is the one or there is none: falling back to another one would test the wrong thing.
fn first_that_exists<'a>(named: Option<&Path>, mut usual: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    match named {
        Some(path) => path.exists().then(|| path.to_owned()),
        None => usual.find(|path| path.exists()).map(Path::to_owned),
    }
}

const USUAL_PLACES: &[&str] = &[
    // Debian, Ubuntu
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    // Fedora, RHEL
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    // Arch
    "/usr/lib/pkcs11/libsofthsm2.so",
    // built by hand, Homebrew on Intel and on Apple silicon
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_module_goes_first_and_is_never_replaced() {
        let here = tempfile::NamedTempFile::new().unwrap();
        let usual = || [Path::new("/nowhere/a.so"), here.path()].into_iter();
        assert_eq!(first_that_exists(None, usual()).as_deref(), Some(here.path()));
        assert_eq!(first_that_exists(Some(here.path()), std::iter::empty()).as_deref(), Some(here.path()));
        assert_eq!(first_that_exists(Some(Path::new("/nowhere/b.so")), usual()), None);
        assert_eq!(first_that_exists(None, [Path::new("/nowhere/a.so")].into_iter()), None);
    }
}
