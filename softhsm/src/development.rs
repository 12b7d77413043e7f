//! A token that stays, for `strongroomd dev`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::initialise::{initialise, private_folder, random_pin, read_pin, write_config, write_pin};
use crate::{SoftHsmError, find_module};

/// A token in a folder of the developer's choice. Its PIN lies in a file beside it.
pub struct DevelopmentToken {
    folder: PathBuf,
    module: PathBuf,
    pin: SecretString,
}

impl DevelopmentToken {
    /// CKA_LABEL of every development token.
    pub const LABEL: &'static str = "strongroom-dev";

    /// Opens the token in this folder, or makes the folder and the token. Never replaces a token: without its PIN file
    /// it refuses.
    pub fn open_or_create(folder: &Path) -> Result<Self, SoftHsmError> {
        let module = find_module()?;
        private_folder(folder)?;
        let folder = folder.canonicalize()?;
        refuse_if_open_to_others(&folder)?;
        let pin = if folder.join(TOKENS).exists() {
            if !folder.join(PIN).exists() {
                return Err(SoftHsmError::PinLost);
            }
            read_pin(&folder.join(PIN))?
        } else {
            create(&folder)?
        };
        Ok(Self { folder, module, pin })
    }

    /// The PKCS#11 module.
    pub fn module_path(&self) -> &Path {
        &self.module
    }

    /// What `SOFTHSM2_CONF` must be in the process that uses the token: see [`crate::restart_with`].
    pub fn config_path(&self) -> PathBuf {
        self.folder.join(CONFIG)
    }

    /// CKA_LABEL of the token.
    pub const fn token_label(&self) -> &'static str {
        Self::LABEL
    }

    /// The user's PIN.
    pub const fn pin(&self) -> &SecretString {
        &self.pin
    }

    /// A file of mode 0400 that holds the user's PIN.
    pub fn pin_path(&self) -> PathBuf {
        self.folder.join(PIN)
    }
}

/// The token is made in a folder of another name and renamed when it is complete, so a token that was interrupted in
/// the making is never taken for one; the next start removes it. The PIN is on disk before the token that needs it.
fn create(folder: &Path) -> Result<SecretString, SoftHsmError> {
    let unfinished = folder.join(UNFINISHED);
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    private_folder(&unfinished)?;
    let pin_path = folder.join(PIN);
    if !pin_path.exists() {
        write_pin(&pin_path, &random_pin()?)?;
    }
    let pin = read_pin(&pin_path)?;
    let config = folder.join(CONFIG);
    write_config(&config, &unfinished, &[])?;
    initialise(&config, DevelopmentToken::LABEL, &pin)?;
    write_config(&config, &folder.join(TOKENS), &[])?;
    fs::rename(&unfinished, folder.join(TOKENS))?;
    Ok(pin)
}

fn refuse_if_open_to_others(folder: &Path) -> Result<(), SoftHsmError> {
    let mode = fs::metadata(folder)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(SoftHsmError::FolderOpenToOthers) }
}

const CONFIG: &str = "softhsm2.conf";
const PIN: &str = "pin";
const TOKENS: &str = "tokens";
const UNFINISHED: &str = "tokens.unfinished";
