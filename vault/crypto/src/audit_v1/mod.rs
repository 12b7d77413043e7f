#![doc = include_str!("SPEC.md")]

mod checkpoint;
mod event;
pub mod export;
mod json;
mod proof;
mod tree;
mod verifier_key;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use event::{Event, EventError, EventView};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use tree::{CompactRange, CompactRangeError, Hash, leaf_hash};
pub use verifier_key::VerifierKey;
pub use verify::{Finding, FindingKind, Report, StreamReport, Verifier};

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tamper_tests;
#[cfg(test)]
mod vector_tests;
