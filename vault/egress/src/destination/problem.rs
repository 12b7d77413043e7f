use std::fmt;
use std::path::Path;

/// One thing that is wrong with a destination, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationProblem {
    /// Which destination.
    pub destination: String,
    /// Which setting of it.
    pub setting: &'static str,
    /// What is wrong. Never a secret.
    pub reason: String,
}

impl DestinationProblem {
    pub(super) fn new(destination: &str, setting: &'static str, reason: impl fmt::Display) -> Self {
        Self { destination: destination.to_owned(), setting, reason: reason.to_string() }
    }

    pub(super) fn of_file(
        destination: &str,
        setting: &'static str,
        path: &Path,
        reason: impl fmt::Display,
    ) -> Self {
        Self::new(destination, setting, format_args!("{} {reason}", path.display()))
    }
}

impl fmt::Display for DestinationProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "destination {}: {}: {}", self.destination, self.setting, self.reason)
    }
}
