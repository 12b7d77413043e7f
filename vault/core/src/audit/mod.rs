//! The record: what is written of each use, how it is signed, found and taken away.

mod checkpoints;
mod draft;
mod export;
mod orphans;
mod search;
mod segments;
mod stream;

pub use export::AuditExport;

pub(crate) use checkpoints::{check_against_checkpoint, cluster_name, sign_news, verifier_key};
pub(crate) use draft::EventDraft;
pub(crate) use export::StreamPart;
pub(crate) use orphans::{adopt_orphans, hold_own};
pub(crate) use search::{Found, search};
pub(crate) use segments::{FullSegments, cut_stream};
pub(crate) use stream::{AuditStream, NextPlace, unpack};
