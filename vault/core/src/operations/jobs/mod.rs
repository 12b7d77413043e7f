//! Work on more than fits into a request, in numbered parts. A part's effects, its answer and the job's progress are one
//! commit, so a part happens once whoever dies when: asked for again, it is answered with what became of it then.
//!
//! What a job was asked to do and where it goes on is sealed under the tenant's tokenization key and bound to everything
//! that stands in clear beside it. Whoever can write to the database can neither give an export another receiver nor make
//! a job go on from another place.

mod cancel;
mod complete;
mod export_begin;
mod export_part;
mod get;
mod import_begin;
mod import_part;
mod list;
mod part;
mod progress;
mod rest;
mod running;
mod view;

pub use complete::Completion;
pub use export_begin::ExportRequest;
pub use export_part::{ExportPart, ExportedPart, ExportedToken};
pub use import_part::{ImportPart, ImportRow, ImportedPart, LinesRead};
pub use list::JobPage;
pub use progress::ImportTerms;
pub use view::{JobView, JobWork};

pub(crate) use rest::expire_idle_jobs;

use std::time::Duration;

/// How long a running job may be left alone.
const MAY_REST: Duration = Duration::from_secs(7 * 24 * 3600);

/// How many of a job's newest parts are kept to be answered again. Whoever asks for a part has had the answers to those
/// before it, so one would do for a caller who waits for each; the others are for callers who write answers down late.
const PARTS_KEPT: u32 = 16;

/// The most rows of a part.
const MOST_ROWS: usize = 1000;
