//! `strongroom tokens import`: a file of cards becomes a file of tokens.
//!
//! Lines are read into **batches**; a batch is sent under an `Idempotency-Key` made of the import's random id and the
//! batch's number. Answers are written down in the order of the file: first results and errors, then the **state**, which
//! says how far all that is. An import that was stopped, in whatever way, cuts results and errors back to what the state
//! says and repeats what was under way: the vault recognises the keys and answers with the same tokens. So nothing is
//! done twice and nothing is written twice.
//!
//! No card number is written anywhere, and none is hashed: there are so few that a hash is as good as the number.

mod batch;
mod csv_line;
mod journal;
mod json_line;
mod lines;
mod outcome;
mod pipeline;
mod send;
mod state;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use serde::Serialize;
use strongroom_api::tokens::{CardInput, Metadata};
use strongroom_api::{AliasText, TagText};
use strongroom_domain::ProfileName;

pub use super::export::Format;
use crate::arguments::{seconds, text, whole_number};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{Show, Table, with_suffix};
use crate::progress::Progress;
use crate::session::Session;
use journal::{Journal, Places};
use outcome::Counts;
use pipeline::Import;
use state::{Options, Source};

/// What stands on a line.
struct LineInput {
    card: CardInput,
    metadata: Metadata,
    aliases: Vec<AliasText>,
    tags: Vec<TagText>,
}

/// What to import, and where to write what became of it.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Arguments {
    /// File of cards; - for standard input, which cannot be resumed
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How the file is written
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub format: Format,
    /// Token profile
    #[arg(long, value_parser = text::<ProfileName>, value_name = "NAME")]
    pub profile: Option<ProfileName>,
    /// How long the tokens live, such as 3600, 12h or 30d; as the profile says if absent
    #[arg(long, value_parser = seconds, value_name = "TIME")]
    pub ttl: Option<u64>,
    /// Revealing the full value uses a token up
    #[arg(long)]
    pub single_use: bool,
    /// File for the tokens: line, status, token, bin, last4
    #[arg(long, short, value_name = "RESULTS")]
    pub out: PathBuf,
    /// File for what was refused: line, code, detail [default: RESULTS.errors]
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
    /// File that says how far the import is [default: RESULTS.state]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Lines in a batch, 1 to 1000
    #[arg(long, default_value = "500", value_parser = whole_number::<usize, 1, 1000>, value_name = "LINES")]
    pub batch: usize,
    /// Batches under way at the same time, 1 to 64
    #[arg(long, default_value = "4", value_parser = whole_number::<usize, 1, 64>, value_name = "BATCHES")]
    pub concurrency: usize,
    /// Go on although the vault no longer recognises the batches that were under way when the import stopped
    #[arg(long)]
    pub accept_doubles: bool,
}

const HELP: &str = "\
CSV has a header of number, exp_month, exp_year, holder and metadata.<name>, in any order; only number is needed. A
record is one line. NDJSON has {\"number\":…,\"exp_month\":…,\"exp_year\":…,\"holder\":…,\"metadata\":{…}} a line.

The same command goes on where it stopped, within 24 hours without a double: so long the vault recognises a batch.
Exits with 8 if the import is finished and some lines were refused.";

/// Imports it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let is_stream = arguments.file.as_path() == Path::new("-");
    if is_stream && arguments.state.is_some() {
        return Err(Failure::Usage("standard input cannot be resumed: --state needs a file".to_owned()));
    }
    let places = Places {
        results: arguments.out.clone(),
        errors: arguments.errors.clone().unwrap_or_else(|| with_suffix(&arguments.out, ".errors")),
        state: match (&arguments.state, is_stream) {
            (Some(path), _) => Some(path.clone()),
            (None, false) => Some(with_suffix(&arguments.out, ".state")),
            (None, true) => None,
        },
    };
    let options = Options {
        format: arguments.format.into(),
        profile: arguments.profile.as_ref().map(ToString::to_string),
        ttl_seconds: arguments.ttl,
        single_use: arguments.single_use,
        batch: arguments.batch,
    };
    // First what can be wrong without leaving files behind.
    let vault = session.patient_vault()?;
    let source = if is_stream { None } else { Some(Source::of(&arguments.file)?) };
    if !is_stream {
        pipeline::check_header(&arguments.file, options.format)?;
    }
    let now = SystemTime::now();
    let journal = Journal::open(places, source, options.clone(), now, arguments.accept_doubles)?;
    let progress = Progress::of_bytes(source.map(|source| source.length), session.output().style());
    // Reading standard input may block, and then nobody could be asked; what cannot be resumed may as well be killed.
    let interrupt = if is_stream { Interrupt::never() } else { Interrupt::listen() };
    let import = Import { options, concurrency: arguments.concurrency, interrupt, progress };

    let ended = import.run(&arguments.file, &vault, journal).await;
    import.progress.clear();
    let report = ended.map_err(|failure| match failure {
        Failure::Input(_) | Failure::Usage(_) => failure,
        failure if is_stream => failure,
        failure => failure.and("the same command goes on from there"),
    })?;
    session.show(&report)?;
    if report.counts.failed > 0 { Err(Failure::Partial) } else { Ok(()) }
}

/// The end of an import.
#[derive(Debug, Serialize)]
pub struct ImportReport {
    /// The import's id.
    import: String,
    /// What became of the lines.
    #[serde(flatten)]
    counts: Counts,
    /// Where the tokens are.
    results: PathBuf,
    /// Where the refusals are.
    errors: PathBuf,
}

impl Show for ImportReport {
    fn table(&self) -> Table {
        Table::about()
            .field("read", self.counts.read)
            .field("created", self.counts.created)
            .field("existing", self.counts.existing)
            .field("failed", self.counts.failed)
            .field("results", self.results.display())
            .field("errors", self.errors.display())
    }
}
