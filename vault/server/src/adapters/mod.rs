//! Small adapters that need no crate of their own.

mod clock;
mod egress;
mod entropy;
mod file_witness;
mod operator_approvals;

pub use clock::SystemClock;
pub use egress::ListedDestinations;
pub use entropy::OperatingSystemEntropy;
pub use file_witness::{FileWitness, WitnessFileError};
pub use operator_approvals::OperatorApprovals;
