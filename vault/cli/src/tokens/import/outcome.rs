//! What became of lines.

use std::borrow::Cow;

use serde::Serialize;
use strongroom_api::jobs::ImportedLine;
use strongroom_api::{ErrorCode, Problem};

use super::parts::Part;
use crate::failure::Failure;

/// A line that has no token. Never holds what was in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineError {
    /// Its number.
    pub(super) line: u64,
    /// Why, for programs.
    pub(super) code: Cow<'static, str>,
    /// Why, for people.
    pub(super) detail: String,
}

/// A line that has its token.
pub(super) struct Made {
    /// Its number.
    pub(super) line: u64,
    /// Whether the token was there before.
    pub(super) existing: bool,
    /// The token.
    pub(super) token: String,
    /// The first six digits.
    pub(super) bin: String,
    /// The last four digits.
    pub(super) last4: String,
}

/// What became of one line.
pub(super) enum Outcome {
    Made(Made),
    Refused(LineError),
}

impl Outcome {
    /// Of each row of a part, in its order.
    pub(super) fn of_part(part: &Part, answered: Vec<ImportedLine>) -> Result<Vec<Self>, Failure> {
        let is_ours = answered.len() == part.rows.len()
            && part.rows.iter().zip(&answered).all(|(row, answer)| row.line == answer.line);
        if !is_ours {
            return Err(Failure::Local(
                "the vault's answer does not have one result for each line of the part".to_owned(),
            ));
        }
        let outcomes = part.rows.iter().zip(answered).map(|(row, answer)| match answer {
            ImportedLine { error: Some(_), line, .. } if row.is_too_long => Self::Refused(LineError {
                line,
                code: ErrorCode::PayloadTooLarge.as_str().into(),
                detail: "a line has at most 16 KiB".to_owned(),
            }),
            ImportedLine { error: Some(problem), line, .. } => {
                Self::Refused(LineError::of_problem(line, problem))
            }
            ImportedLine { token, bin, last4, line, status, .. } => Self::Made(Made {
                line,
                existing: status == 200,
                token: token.map(|token| token.as_str().to_owned()).unwrap_or_default(),
                bin: bin.map(|bin| bin.to_string()).unwrap_or_default(),
                last4: last4.map(|last4| last4.to_string()).unwrap_or_default(),
            }),
        });
        Ok(outcomes.collect())
    }
}

impl LineError {
    fn of_problem(line: u64, problem: Problem) -> Self {
        let detail = if problem.detail.is_empty() { problem.title.into_owned() } else { problem.detail };
        Self { line, code: problem.code, detail }
    }
}

/// Lines by what became of them. Empty lines are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    /// All.
    pub(super) read: u64,
    /// With a new token.
    pub(super) created: u64,
    /// With a token that was there before.
    pub(super) existing: u64,
    /// Without a token.
    pub(super) failed: u64,
}
