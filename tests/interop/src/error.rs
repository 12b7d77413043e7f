//! What went wrong between a test and another implementation.

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum InteropError {
    /// A program ended with an error: the installer or a script.
    #[error("{program}: {message}")]
    Program {
        /// Which.
        program: String,
        /// The end of what it wrote to its standard error.
        message: String,
    },
    /// A script answered with something else than one list of as many answers as there were requests.
    #[error("{0} did not answer each request once, in JSON")]
    Answer(String),
    /// Files and processes.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
}
