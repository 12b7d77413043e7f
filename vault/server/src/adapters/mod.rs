//! Small adapters that need no crate of their own.

mod clock;
mod entropy;
mod file_witness;

pub use clock::SystemClock;
pub use entropy::OperatingSystemEntropy;
pub use file_witness::{FileWitness, WitnessFileError};
