//! What happened, shortly; and the first rule that was broken.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use tokio::time::Instant;

use crate::hold;

/// Lines kept for the report of a failure.
const RECENT: usize = 40;

/// A rule that was broken, and what led up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What must hold and did not.
    pub rule: &'static str,
    /// By what.
    pub detail: String,
    /// At which step.
    pub step: u64,
    /// What happened before it, oldest first. Cards are named by their index.
    pub history: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.history {
            writeln!(formatter, "  {line}")?;
        }
        write!(formatter, "step {}: broken: {} ({})", self.step, self.rule, self.detail)
    }
}

/// The history of a run.
pub(crate) struct Trace(Mutex<State>);

struct State {
    started: Instant,
    step: u64,
    recent: VecDeque<String>,
    /// All lines, if they were asked for.
    history: Option<Vec<String>>,
    hasher: DefaultHasher,
    violation: Option<Violation>,
}

impl Trace {
    pub(crate) fn begin(keeps_history: bool) -> Self {
        Self(Mutex::new(State {
            started: Instant::now(),
            step: 0,
            recent: VecDeque::with_capacity(RECENT),
            history: keeps_history.then(Vec::new),
            hasher: DefaultHasher::new(),
            violation: None,
        }))
    }

    pub(crate) fn next_step(&self) -> u64 {
        let mut state = hold(&self.0);
        state.step += 1;
        state.step
    }

    /// Takes down a line. What is taken down is what two runs of a seed must agree in.
    pub(crate) fn note(&self, line: impl fmt::Display) {
        let mut state = hold(&self.0);
        let line = format!("{:>9.3} s #{:<5} {line}", state.started.elapsed().as_secs_f64(), state.step);
        line.hash(&mut state.hasher);
        if let Some(history) = &mut state.history {
            history.push(line.clone());
        }
        if state.recent.len() == RECENT {
            state.recent.pop_front();
        }
        state.recent.push_back(line);
    }

    /// A rule: if it does not hold, the run ends here. Only the first broken one counts; others may follow from it.
    pub(crate) fn rule(&self, holds: bool, rule: &'static str, detail: impl fmt::Display) {
        let mut state = hold(&self.0);
        if !holds && state.violation.is_none() {
            let history = state.recent.iter().cloned().collect();
            state.violation = Some(Violation { rule, detail: detail.to_string(), step: state.step, history });
        }
    }

    pub(crate) fn violation(&self) -> Option<Violation> {
        hold(&self.0).violation.clone()
    }

    pub(crate) fn history(&self) -> Vec<String> {
        hold(&self.0).history.clone().unwrap_or_default()
    }

    /// Names the whole run.
    pub(crate) fn fingerprint(&self) -> u64 {
        hold(&self.0).hasher.finish()
    }
}
