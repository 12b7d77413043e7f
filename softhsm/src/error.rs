/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum SoftHsmError {
    /// The module is in none of the usual places.
    #[error("libsofthsm2.so was not found: run softhsm/install or set STRONGROOM_PKCS11_MODULE to its path")]
    ModuleNotFound,
    /// `softhsm2-util` could not be started.
    #[error("softhsm2-util could not be started: run softhsm/install ({0})")]
    UtilityNotFound(std::io::Error),
    /// `softhsm2-util` did not initialise the token.
    #[error("softhsm2-util refused to initialise the token: {0}")]
    Refused(String),
    /// The folder is open to others.
    #[error("the folder of a development token must have mode 0700")]
    FolderOpenToOthers,
    /// The token is there and its PIN file is not.
    #[error(
        "the folder holds a token and no PIN file: restore the file `pin`, or remove the folder and its keys"
    )]
    PinLost,
    /// The operating system gave no randomness.
    #[error("the operating system's random generator failed")]
    Random,
    /// Files.
    #[error("files of the token: {0}")]
    Io(#[from] std::io::Error),
}
