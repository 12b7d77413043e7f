//! Making a token: its configuration file, its PINs, its folder.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::{CONFIG_VARIABLE, SoftHsmError};

/// Initialises a token in the folder that the configuration names.
///
/// `softhsm2-util` takes PINs as arguments, which other users of the machine can read for an instant. That is one
/// more reason why this is for development and tests only.
pub(crate) fn initialise(config: &Path, label: &str, pin: &SecretString) -> Result<(), SoftHsmError> {
    let security_officer_pin = random_pin()?;
    let outcome = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", label])
        .args(["--so-pin", security_officer_pin.expose_secret(), "--pin", pin.expose_secret()])
        .env(CONFIG_VARIABLE, config)
        .stdin(Stdio::null())
        .output()
        .map_err(SoftHsmError::UtilityNotFound)?;
    if outcome.status.success() {
        return Ok(());
    }
    // Its messages name the slot and the reason; it does not repeat its arguments.
    let first_line = String::from_utf8_lossy(&outcome.stderr).lines().next().unwrap_or_default().to_owned();
    Err(SoftHsmError::Refused(first_line))
}

/// Writes SoftHSM's configuration. `hidden` are mechanisms, by their CKM_ names, that the module is to behave without.
pub(crate) fn write_config(path: &Path, tokens: &Path, hidden: &[&str]) -> Result<(), SoftHsmError> {
    let mechanisms = match hidden {
        [] => "ALL".to_owned(),
        // SoftHSM 2.6.1 overlooks the first name after the minus sign, so the first one is named twice.
        [first, ..] => format!("-{first},{}", hidden.join(",")),
    };
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n\
         slots.mechanisms = {mechanisms}\n",
        tokens.display()
    );
    fs::write(path, text)?;
    Ok(())
}

/// Makes a folder that only its owner can enter.
pub(crate) fn private_folder(path: &Path) -> Result<(), SoftHsmError> {
    fs::DirBuilder::new().mode(0o700).recursive(true).create(path)?;
    Ok(())
}

/// Writes a PIN where only its owner can read it. Never overwrites one.
pub(crate) fn write_pin(path: &Path, pin: &SecretString) -> Result<(), SoftHsmError> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(path)?;
    file.write_all(pin.expose_secret().as_bytes())?;
    file.sync_all()?;
    Ok(())
}

/// Reads a PIN back.
pub(crate) fn read_pin(path: &Path) -> Result<SecretString, SoftHsmError> {
    let text = Zeroizing::new(fs::read_to_string(path)?);
    Ok(SecretString::from(text.trim_end()))
}

/// Sixteen characters, eighty random bits: far inside SoftHSM's limits of 4 and 255.
pub(crate) fn random_pin() -> Result<SecretString, SoftHsmError> {
    let mut bytes = Zeroizing::new([0_u8; 10]);
    getrandom::fill(bytes.as_mut()).map_err(|_| SoftHsmError::Random)?;
    Ok(SecretString::from(data_encoding::BASE32_NOPAD.encode(bytes.as_ref())))
}
