//! The record: finding events, taking them away, and the signed checkpoints over them.

mod checkpoints;
mod export;
mod search;

pub(crate) use checkpoints::checkpoints;
pub(crate) use export::export;
pub(crate) use search::search;
