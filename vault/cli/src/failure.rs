//! Why a command did not do all it was asked, in one line and an exit code.

use std::fmt;
use std::io;
use std::path::Path;

use strongroom_api::{ErrorCode, Problem};

use crate::exit::Exit;
use crate::output::printable;

/// What ends a command. No variant holds a value that was typed or read: only names of options, files and columns, and
/// what the vault says, which repeats nothing.
#[derive(Debug)]
pub enum Failure {
    /// The arguments or the configuration.
    Usage(String),
    /// Something on this machine.
    Local(String),
    /// The input, refused before it was sent.
    Input(String),
    /// The vault's refusal.
    Vault(Box<Problem>),
    /// The vault did not answer.
    Unavailable(String),
    /// The certificate was not accepted, by either side.
    NotAuthenticated(String),
    /// The report, which has been written, says what is wrong.
    Findings,
    /// Some items failed; which ones has been written.
    Partial,
    /// Stopped by the user.
    Interrupted(String),
    /// Nobody reads what is written, as in `strongroom … | head`.
    OutputClosed,
}

impl Failure {
    /// A file that cannot be used.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        Self::Local(format!("{}: {}", path.display(), error.kind()))
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Local(_) | Self::OutputClosed => Exit::Failed,
            Self::Input(_) => Exit::Refused,
            Self::Vault(problem) => of_problem(problem),
            Self::Unavailable(_) => Exit::Unavailable,
            Self::NotAuthenticated(_) => Exit::NotPermitted,
            Self::Findings => Exit::Findings,
            Self::Partial => Exit::Partial,
            Self::Interrupted(_) => Exit::Interrupted,
        }
    }

    /// The line to write, if there is one.
    pub fn line(&self) -> Option<String> {
        match self {
            Self::Usage(text)
            | Self::Local(text)
            | Self::Input(text)
            | Self::Unavailable(text)
            | Self::NotAuthenticated(text) => Some(format!("error: {}", printable(text))),
            Self::Vault(problem) => Some(format!("error: {}", ProblemLine(problem))),
            Self::Interrupted(text) => Some(format!("interrupted: {}", printable(text))),
            Self::Findings | Self::Partial | Self::OutputClosed => None,
        }
    }

    /// The same failure with what the user may want to know besides.
    #[must_use]
    pub fn and(self, note: &str) -> Self {
        let longer = |text: String| format!("{text}; {note}");
        match self {
            Self::Usage(text) => Self::Usage(longer(text)),
            Self::Local(text) => Self::Local(longer(text)),
            Self::Input(text) => Self::Input(longer(text)),
            Self::Unavailable(text) => Self::Unavailable(longer(text)),
            Self::NotAuthenticated(text) => Self::NotAuthenticated(longer(text)),
            Self::Interrupted(text) => Self::Interrupted(longer(text)),
            Self::Vault(mut problem) => {
                problem.detail = longer(std::mem::take(&mut problem.detail));
                Self::Vault(problem)
            }
            Self::Findings | Self::Partial | Self::OutputClosed => self,
        }
    }

    /// Whether the same request may go through later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Vault(problem) => problem.retryable,
            _ => false,
        }
    }
}

/// The exit code of a refusal. By the status where the code is one of a newer vault.
fn of_problem(problem: &Problem) -> Exit {
    match (problem.error_code(), problem.status) {
        _ if problem.retryable => Exit::Unavailable,
        (Some(ErrorCode::IdempotencyInProgress), _) | (None, 408 | 429 | 502..=504) => Exit::Unavailable,
        (_, 401 | 403) => Exit::NotPermitted,
        (_, 404) => Exit::NotFound,
        // A destination that does not do as it should (502) will not do so the next time either.
        (_, 400..=499 | 502) => Exit::Refused,
        _ => Exit::Failed,
    }
}

/// `<detail> (<code>, <request id>)`
pub struct ProblemLine<'a>(pub &'a Problem);

impl fmt::Display for ProblemLine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { detail, title, code, request_id, pointer, .. } = self.0;
        let detail = if detail.is_empty() { title.as_ref() } else { detail.as_str() };
        formatter.write_str(&printable(detail))?;
        // What could not be read at all is told with its place already.
        if let Some(pointer) = pointer.as_ref().filter(|pointer| !detail.starts_with(pointer.as_str())) {
            write!(formatter, " at {}", printable(pointer))?;
        }
        write!(formatter, " ({}", printable(code))?;
        if !request_id.is_empty() {
            write!(formatter, ", {}", printable(request_id))?;
        }
        formatter.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(code: ErrorCode) -> Exit {
        Failure::Vault(Box::new(Problem::new(code, "x", "req_1"))).exit()
    }

    #[test]
    fn every_code_of_the_vault_has_its_exit() {
        for code in ErrorCode::ALL {
            let expected = match code {
                ErrorCode::Unauthenticated
                | ErrorCode::PermissionDenied
                | ErrorCode::PurposeDenied
                | ErrorCode::EncryptionRequired
                | ErrorCode::ApprovalRequired => Exit::NotPermitted,
                ErrorCode::NotFound => Exit::NotFound,
                ErrorCode::IntegrityFailure | ErrorCode::InternalError => Exit::Failed,
                code if code.is_retryable() => Exit::Unavailable,
                _ => Exit::Refused,
            };
            assert_eq!(exit(*code), expected, "{code}");
        }
    }

    #[test]
    fn a_place_is_told_once() {
        let line = |detail: &str| {
            let problem = Problem::new(ErrorCode::InvalidRequest, detail, "req_00000001").at("/card/number");
            Failure::Vault(Box::new(problem)).line().unwrap()
        };
        for detail in ["must be a string", "/card/number: must be a string"] {
            assert_eq!(line(detail).matches("/card/number").count(), 1, "{detail}");
        }
    }

    #[test]
    fn a_refusal_is_one_line_whatever_the_vault_says() {
        let problem = Problem::new(ErrorCode::NotFound, "no such\nkey \u{1b}[31m", "req_00000001");
        let line = Failure::Vault(Box::new(problem)).line();
        assert_eq!(line.as_deref(), Some("error: no such\\nkey \\u{1b}[31m (not_found, req_00000001)"));
    }
}
