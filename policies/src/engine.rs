//! The policy port.

use std::fmt;

use strongroom_core::ports::{AccessRequest, Decision, Policy};

use crate::answers::Answers;
use crate::evaluation::Rules;
use crate::question::Question;
use crate::reading::PolicyLoadError;
use crate::sources::Sources;

/// The rules this release was built with, ready to decide.
pub struct CedarPolicy {
    rules: Rules,
    answers: Answers,
    fingerprint: String,
}

impl CedarPolicy {
    /// Reads schema and rules and checks each rule against the schema. Any flaw in any of them is an error: a vault does
    /// not start with rules of which a part does not count.
    pub fn load() -> Result<Self, PolicyLoadError> {
        Self::from_sources(Sources::BUILT_IN)
    }

    pub(crate) fn from_sources(sources: Sources<'_>) -> Result<Self, PolicyLoadError> {
        Ok(Self {
            rules: Rules::read(sources)?,
            answers: Answers::default(),
            fingerprint: sources.fingerprint(),
        })
    }
}

impl Policy for CedarPolicy {
    fn decide(&self, request: &AccessRequest<'_>) -> Decision {
        let question = Question::of(request);
        self.answers.get(&question).unwrap_or_else(|| {
            let decision = self.rules.decide(question);
            self.answers.keep(question, decision);
            decision
        })
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl fmt::Debug for CedarPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CedarPolicy").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
