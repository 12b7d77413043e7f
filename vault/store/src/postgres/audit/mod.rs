//! The audit record's tables.

pub(super) mod bundles;
pub(super) mod checkpoints;
pub(super) mod segments;
