//! What became of lines.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use strongroom_api::tokens::TokenView;
use strongroom_api::{Problem, TokenText};

use super::lines::Place;
use crate::tokens::shown::Seen;

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

impl LineError {
    pub(super) fn of_problem(line: u64, problem: Problem) -> Self {
        let detail = if problem.detail.is_empty() { problem.title.into_owned() } else { problem.detail };
        Self { line, code: problem.code, detail }
    }
}

/// A line that has its token.
pub(super) struct Made {
    /// Its number.
    pub(super) line: u64,
    /// Whether the token was there before.
    pub(super) existing: bool,
    /// The token.
    pub(super) token: TokenText,
    /// The first six digits.
    pub(super) bin: String,
    /// The last four digits.
    pub(super) last4: String,
}

impl Made {
    pub(super) fn new(line: u64, status: u16, view: TokenView) -> Self {
        let Seen { bin, last4, .. } = Seen::of(&view);
        Self {
            line,
            existing: status == 200,
            token: view.token,
            bin: bin.unwrap_or_default(),
            last4: last4.unwrap_or_default(),
        }
    }
}

/// What became of a batch.
pub(super) struct Outcome {
    /// The number of the batch.
    pub(super) batch: u64,
    /// Where it ends in the file.
    pub(super) end: Place,
    /// The lines with a token, in their order.
    pub(super) made: Vec<Made>,
    /// The lines without, in their order.
    pub(super) failed: Vec<LineError>,
}

/// Lines by what became of them. Empty lines are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

impl Counts {
    /// These and those of a batch.
    pub(super) fn and(self, outcome: &Outcome) -> Self {
        let existing = outcome.made.iter().filter(|made| made.existing).count() as u64;
        let (made, failed) = (outcome.made.len() as u64, outcome.failed.len() as u64);
        Self {
            read: self.read + made + failed,
            created: self.created + made - existing,
            existing: self.existing + existing,
            failed: self.failed + failed,
        }
    }
}
