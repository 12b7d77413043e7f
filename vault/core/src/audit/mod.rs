//! The record: what is written of each use, how it is signed, found and taken away.

mod checkpoints;
mod draft;
mod export;
mod index;
mod stream;

pub use export::AuditExport;

pub(crate) use checkpoints::{check_against_checkpoint, cluster_name, sign_news, verifier_key};
pub(crate) use draft::EventDraft;
pub(crate) use export::StreamPart;
pub(crate) use index::{index_news, read_events};
pub(crate) use stream::{AuditStream, SealedBundle, unpack};
