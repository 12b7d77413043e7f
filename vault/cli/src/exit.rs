//! How the program ends, for scripts.

use std::process::ExitCode;

/// The exit codes. They are part of the interface: [`HELP`] and the README list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed, for a reason that has no code of its own.
    Failed = 1,
    /// The arguments or the configuration.
    Usage = 2,
    /// Not authenticated, or not permitted.
    NotPermitted = 3,
    /// Not there, or not the caller's.
    NotFound = 4,
    /// The input was refused.
    Refused = 5,
    /// The vault cannot be reached or cannot work at the moment. The same command may go through later.
    Unavailable = 6,
    /// The audit record does not prove itself.
    Findings = 7,
    /// Done for some items and not for others.
    Partial = 8,
    /// Stopped by the user: 128 and the number of SIGINT.
    Interrupted = 130,
}

/// The list of exit codes at the end of `--help`.
pub const HELP: &str = "\
Exit codes:
    0  done
    1  failed
    2  wrong arguments or configuration
    3  not authenticated, or not permitted
    4  not found
    5  the input was refused
    6  the vault is not available; the same command may go through later
    7  audit verification found something
    8  partial: some items failed
  130  interrupted";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_and_the_readme_list_every_code() {
        let readme = include_str!("../README.md");
        for exit in [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::NotPermitted,
            Exit::NotFound,
            Exit::Refused,
            Exit::Unavailable,
            Exit::Findings,
            Exit::Partial,
            Exit::Interrupted,
        ] {
            let code = exit as u8;
            assert!(HELP.lines().any(|line| line.starts_with(&format!("{code:>5}  "))), "{exit:?}");
            assert!(readme.contains(&format!("| {code} |")), "{exit:?}");
        }
    }
}
