//! What the node is and how it fares.

mod view;

pub use view::{AuditStatus, HsmHealth, HsmStatus, MechanismView, StatusView, StoreStatus, StreamStatus};
