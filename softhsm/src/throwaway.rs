//! A token for one test.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tempfile::TempDir;

use crate::initialise::{initialise, private_folder, random_pin, write_config, write_pin};
use crate::{SoftHsmError, find_module};

/// A token in a temporary folder, with random PINs. Dropping it removes everything.
pub struct ThrowawayToken {
    folder: TempDir,
    module: PathBuf,
    label: String,
    pin: SecretString,
}

impl ThrowawayToken {
    /// A fresh, empty token.
    pub fn create(label: &str) -> Result<Self, SoftHsmError> {
        Self::create_without(label, &[])
    }

    /// A fresh, empty token of a module that refuses these mechanisms, named as in the standard (`CKM_AES_GCM`).
    pub fn create_without(label: &str, mechanisms: &[&str]) -> Result<Self, SoftHsmError> {
        let module = find_module()?;
        let pin = random_pin()?;
        let token = Self { folder: tempfile::tempdir()?, module, label: label.to_owned(), pin };
        private_folder(&token.tokens_path())?;
        // The utility itself needs some mechanisms (digests, random), so it runs with all of them.
        write_config(&token.config_path(), &token.tokens_path(), &[])?;
        initialise(&token.config_path(), label, &token.pin)?;
        write_config(&token.config_path(), &token.tokens_path(), mechanisms)?;
        write_pin(&token.pin_path(), &token.pin)?;
        Ok(token)
    }

    /// The PKCS#11 module.
    pub fn module_path(&self) -> &Path {
        &self.module
    }

    /// What `SOFTHSM2_CONF` must be in the process that uses the token.
    pub fn config_path(&self) -> PathBuf {
        self.folder.path().join("softhsm2.conf")
    }

    /// The folder that holds the token's files: moving it away is as good as pulling the plug.
    pub fn tokens_path(&self) -> PathBuf {
        self.folder.path().join("tokens")
    }

    /// CKA_LABEL of the token.
    pub fn token_label(&self) -> &str {
        &self.label
    }

    /// The user's PIN.
    pub const fn pin(&self) -> &SecretString {
        &self.pin
    }

    /// A file of mode 0400 that holds the user's PIN.
    pub fn pin_path(&self) -> PathBuf {
        self.folder.path().join("pin")
    }
}
