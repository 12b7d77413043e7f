//! What the vault needs from the world, named for the need. Adapters live in rooms of their own; one contract suite per
//! port runs against each adapter. Clock, randomness and HSM are among them, so a whole vault runs in a simulation.

mod approval;
mod clock;
pub mod egress;
mod entropy;
mod hsm;
mod policy;
pub mod store;
mod witness;

pub use approval::{Approval, ApprovalRequest, ApprovalSubject, Approvals, NoApprovals};
pub use clock::Clock;
pub use egress::{Egress, NoEgress};
pub use entropy::{Entropy, EntropyError};
pub use hsm::{Hsm, HsmDescription, HsmError, HsmHealth, HsmKey, HsmKeyForm, HsmKeyKind, KeyCheckValue};
pub use policy::{AccessRequest, Decision, Policy};
pub use store::Store;
pub use witness::{Witness, WitnessError};
