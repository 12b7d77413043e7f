//! What the process denies itself before it does anything else, and before it has more than one thread: Landlock binds
//! the calling thread and those it starts.
//!
//! Each step says what came of it. A step that this machine does not offer is a warning, or a refusal to start if the
//! configuration says so.

mod filesystem;
mod memory;
mod system_calls;

use std::path::PathBuf;

use rustix::fs::Mode;

use crate::config::HardeningConfig;

/// One step and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which one, as in metrics and logs.
    pub name: &'static str,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// In force.
    Done,
    /// In force as far as this kernel goes.
    Partial(String),
    /// Not in force.
    Missing(String),
}

/// Why the process does not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HardeningError {
    /// Root could undo all of it.
    #[error("strongroomd does not run as root: start it as a user of its own")]
    Root,
    /// A step is not possible and the configuration requires it.
    #[error("hardening.required: {step} is not in force: {reason}")]
    Required {
        /// Which one.
        step: &'static str,
        /// Why not.
        reason: String,
    },
}

/// Takes all steps, in an order in which none hinders the next.
pub fn harden(
    config: &HardeningConfig,
    writable: &[PathBuf],
    outbound_tcp_ports: &[u16],
) -> Result<Vec<Step>, HardeningError> {
    if rustix::process::geteuid().is_root() && !config.danger_allow_root {
        return Err(HardeningError::Root);
    }
    // Whatever is created from now on is its owner's alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let steps = vec![
        Step { name: "no_core_dumps", outcome: memory::no_core_dumps() },
        Step { name: "not_dumpable", outcome: memory::not_dumpable() },
        Step { name: "no_new_privileges", outcome: memory::no_new_privileges() },
        Step { name: "locked_memory", outcome: memory::lock() },
        Step { name: "landlock", outcome: filesystem::confine(writable, outbound_tcp_ports) },
        Step { name: "seccomp", outcome: system_calls::deny() },
    ];
    if config.required {
        for step in &steps {
            if let Outcome::Missing(reason) = &step.outcome {
                return Err(HardeningError::Required { step: step.name, reason: reason.clone() });
            }
        }
    }
    Ok(steps)
}

/// Puts the outcomes into the log and the metrics.
pub fn report(steps: &[Step]) {
    for Step { name, outcome } in steps {
        let in_force = match outcome {
            Outcome::Done => {
                tracing::info!(step = name, "hardened");
                1.0
            }
            Outcome::Partial(reason) => {
                tracing::warn!(step = name, reason, "hardened in part");
                0.5
            }
            Outcome::Missing(reason) => {
                tracing::warn!(step = name, reason, "not hardened");
                0.0
            }
        };
        metrics::gauge!("strongroom_hardening", "step" => *name).set(in_force);
    }
}

fn outcome(result: rustix::io::Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Missing(error.to_string()),
    }
}
