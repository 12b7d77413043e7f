//! One contract suite per port, run against every adapter, and the in-memory adapters that the core's own tests and the
//! simulation run on.

pub mod hsm;
pub mod memory_hsm;
pub mod memory_store;
pub mod store;
mod world;

pub use memory_hsm::MemoryHsm;
pub use memory_store::MemoryStore;
pub use world::{ManualClock, MemoryWitness, SeededEntropy};
