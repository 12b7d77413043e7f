//! The record: finding events, taking them away, and the signed checkpoints over them.

mod checkpoint;
mod export;
mod search;

pub(crate) use checkpoint::checkpoint;
pub(crate) use export::export;
pub(crate) use search::search;
