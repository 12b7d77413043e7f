//! Small adapters that need no crate of their own.

mod clock;
mod egress;
mod entropy;
mod file_witness;

pub use clock::SystemClock;
pub use egress::ListedDestinations;
pub use entropy::OperatingSystemEntropy;
pub use file_witness::{FileWitness, WitnessFileError};
