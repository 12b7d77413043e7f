//! The vault itself: its ports, the one pipeline every request takes, and its operations.
//!
//! A request goes one way down, **authorize → prepare → commit → release**, and the module [`pipeline`](Permit) is the
//! only place that knows the order. Operations work out effects and an answer; the committer writes the effects and
//! the audit records in one transaction; the answer leaves afterwards.

mod alarms;
mod audit;
mod call;
mod committer;
mod error;
mod initialise;
mod jobs;
mod open;
mod operations;
mod pipeline;
pub mod ports;
mod registry;
mod security_codes;
mod vault;
mod velocity;

pub use audit::AuditExport;
pub use call::Call;
pub use error::VaultError;
pub use initialise::{InitialIdentity, InitialTenant, Initialised, initialise};
pub use open::StartError;
pub use operations::*;
pub use pipeline::{Answer, Idempotency, Permit, SpentPermit};
pub use vault::{Ports, Settings, Vault};
pub use velocity::DefaultVelocityLimits;
