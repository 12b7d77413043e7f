//! Long work that is done in parts: its names and where it is in its life.

use std::fmt;
use std::sync::Arc;

use crate::key::named;

/// A text is no job's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a job is job_ and 32 hexadecimal digits")]
pub struct JobIdError;

/// Names one job: `job_` and 128 random bits. It carries no right; whose the job is, its row says.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(Arc<str>);

impl JobId {
    const PREFIX: &'static str = "job_";

    /// The job of these random bits.
    pub fn from_random(bits: [u8; 16]) -> Self {
        Self(format!("{}{:032x}", Self::PREFIX, u128::from_be_bytes(bits)).into())
    }

    /// Checks the shape.
    pub fn parse(text: &str) -> Result<Self, JobIdError> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(JobIdError)?;
        if digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(text.into()))
        } else {
            Err(JobIdError)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

named!(
    /// What a job does.
    JobKind {
        /// Turns the lines of a file into tokens.
        TokenImport = "token-import",
        /// Takes the values of tokens out for the holder of a key.
        TokenExport = "token-export",
    }
);

named!(
    /// Where a job is in its life.
    JobState {
        /// Takes or gives parts.
        Open = "open",
        /// Gives no part until somebody else has agreed.
        AwaitingApproval = "awaiting-approval",
        /// Done, and found to be whole by both sides.
        Complete = "complete",
        /// Given up by its creator.
        Cancelled = "cancelled",
        /// Left alone for too long.
        Expired = "expired",
    }
);

impl JobState {
    /// Whether parts may still come or go.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Open | Self::AwaitingApproval)
    }
}

named!(
    /// How the lines of an import are written.
    LineFormat {
        /// A record a line (RFC 4180); the columns are named when the import is begun.
        Csv = "csv",
        /// A JSON object a line.
        Ndjson = "ndjson",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_random_bits_in_hexadecimal() {
        let id = JobId::from_random([0xa9; 16]);
        assert_eq!(id.as_str(), format!("job_{}", "a9".repeat(16)));
        assert_eq!(JobId::from_random([0; 16]).as_str().len(), 36);
        assert_eq!(JobId::parse(id.as_str()), Ok(id));
        for refused in ["", "job_", "job_A9", &"a9".repeat(18), &format!("job_{}", "A9".repeat(16))] {
            assert_eq!(JobId::parse(refused), Err(JobIdError));
        }
    }
}
