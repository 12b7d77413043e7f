//! Several nodes over one PostgreSQL and one token, and what happens when parts of it fail: a load that keeps account of
//! what was acknowledged, and the checks that none of it is lost or doubled. The tests are in `tests/cluster/`.

mod account;
mod cluster;
mod endure;
mod load;
mod readiness;
mod silence;

pub use account::{Account, Attempt};
pub use cluster::Cluster;
pub use endure::{Fault, endure};
pub use load::Load;
pub use readiness::ReadinessWatch;
pub use silence::words_of_the_database;
