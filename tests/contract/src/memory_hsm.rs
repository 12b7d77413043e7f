//! Stub.

/// Stub.
pub struct MemoryHsm;
