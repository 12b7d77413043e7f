//! `strongroom tokens import`: a file of cards becomes a file of tokens.
//!
//! The file is cut into **parts**, which one job of the vault takes in one after the other; a part happens once, however
//! often it is handed in. What the vault answers is written down in the order of the file. An import that was stopped, in
//! whatever way, asks the vault how far the job is, cuts its own files back to the part that holds the last line written,
//! and hands that part in again: the vault answers with the same tokens. So nothing is done twice and nothing is written
//! twice, and all that has to be remembered is the job.
//!
//! Both sides compute a keyed checksum over what they have, the vault over what it stored, this side over the file and the
//! results. The job ends only if the two are equal. Nothing of a card is written anywhere.

mod journal;
mod lines;
mod outcome;
mod parts;
mod run;
mod state;
mod tally;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use strongroom_domain::{JobId, ProfileName};

pub use super::inventory::Format;
use crate::arguments::{seconds, text, whole_number};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{Show, Table, with_suffix};
use crate::progress::Progress;
use crate::session::Session;
use journal::Places;
use outcome::Counts;
use run::Import;
use state::{Options, Source};

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
    /// File that names the job of the import [default: RESULTS.state]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Lines in a part, 1 to 1000
    #[arg(long, default_value = "1000", value_parser = whole_number::<usize, 1, 1000>, value_name = "LINES")]
    pub batch: usize,
    /// Go on with this job, where there is no state file
    #[arg(long, value_parser = text::<JobId>, value_name = "JOB")]
    pub resume: Option<JobId>,
}

const HELP: &str = "\
CSV has a header of number, exp_month, exp_year, holder, aliases, tags and metadata.<name>, in any order; only number is
needed. Several aliases or tags have spaces between them. A record is one line. NDJSON has {\"number\":…,\"exp_month\":…,
\"exp_year\":…,\"holder\":…,\"aliases\":[…],\"tags\":[…],\"metadata\":{…}} a line.

The same command goes on where it stopped, without a double; a job that is left alone for seven days expires.
Exits with 8 if the import is finished and some lines were refused.";

/// Imports it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let is_stream = arguments.file.as_path() == Path::new("-");
    if is_stream && (arguments.state.is_some() || arguments.resume.is_some()) {
        return Err(Failure::Usage(
            "standard input cannot be resumed: --state and --resume need a file".to_owned(),
        ));
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
    let vault = session.patient_vault()?;
    let source = if is_stream { None } else { Some(Source::of(&arguments.file)?) };
    let progress = Progress::of_bytes(source.map(|source| source.length), session.output().style());
    // Reading standard input may block, and then nobody could be asked; what cannot be resumed may as well be killed.
    let interrupt = if is_stream { Interrupt::never() } else { Interrupt::listen() };
    let import = Import { options, source, resume: arguments.resume, interrupt, progress };

    let ended = import.run(&arguments.file, &vault, places).await;
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
    /// The job.
    job: String,
    /// What became of the lines.
    #[serde(flatten)]
    counts: Counts,
    /// Over the rows, as both sides have it.
    checksum: String,
    /// Where the tokens are.
    results: PathBuf,
    /// Where the refusals are.
    errors: PathBuf,
}

impl Show for ImportReport {
    fn table(&self) -> Table {
        Table::about()
            .field("job", &self.job)
            .field("read", self.counts.read)
            .field("created", self.counts.created)
            .field("existing", self.counts.existing)
            .field("failed", self.counts.failed)
            .field("results", self.results.display())
            .field("errors", self.errors.display())
    }
}
