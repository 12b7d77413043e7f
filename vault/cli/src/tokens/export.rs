//! `strongroom tokens export`: the values of many tokens leave for the holder of a key.
//!
//! The vault gives the export out in parts, each encrypted to the receiver, once somebody else has approved the job and the
//! receiver's key. A part is a line of the file. What is in the file tells how far it is, so an export that was stopped
//! goes on behind its last whole line. Nothing here could read it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use strongroom_api::jobs::{CompleteJob, ExportTokens, ExportedPart, JobView, ReceiverKey};
use strongroom_api::{JobText, Text};
use strongroom_client::Client;
use strongroom_crypto::jwe::PublicJwk;
use strongroom_domain::{DetokenizationPurpose, JobId, JobState, ProfileName, Timestamp};

use crate::arguments::{one_of, text, time};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{Show, Table, owner_only, sync_folder_of, with_suffix};
use crate::progress::Progress;
use crate::session::Session;

/// What to export, for whom, and where to.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Arguments {
    /// File with the receiver's public key (JWK, P-256)
    #[arg(long, value_name = "FILE")]
    pub receiver: PathBuf,
    /// What for: migration or account-update
    #[arg(long, value_parser = one_of!(DetokenizationPurpose), value_name = "PURPOSE")]
    pub purpose: DetokenizationPurpose,
    /// Tokens of this profile only
    #[arg(long, value_parser = text::<ProfileName>, value_name = "NAME")]
    pub profile: Option<ProfileName>,
    /// Tokens made from then on only (RFC 3339)
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub created_from: Option<Timestamp>,
    /// Tokens made before then only (RFC 3339); in any case those made before the export
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub created_to: Option<Timestamp>,
    /// File for the encrypted parts, a line each
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
    /// File that names the job of the export [default: OUT.state]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Go on with this job, where there is no state file
    #[arg(long, value_parser = text::<JobId>, value_name = "JOB")]
    pub resume: Option<JobId>,
}

const HELP: &str = "\
The first run begins the job and ends with approval_required, naming job and receiver. Once that is approved, the same
command takes the parts. `tokens open-export` reads them with the receiver's private key.";

/// Exports.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let key = receiver(&arguments.receiver)?;
    let vault = session.patient_vault()?;
    let state = arguments.state.clone().unwrap_or_else(|| with_suffix(&arguments.out, ".state"));
    let job = match known(&arguments, &state)? {
        Some(job) => vault.get_job(&job).await?,
        None => begin(&arguments, &key, &vault, &state).await?,
    };
    check(&job, &key, &arguments)?;
    let progress = Progress::of_things(session.output().style());
    let mut export = Export { parts: PartFile::open(&arguments.out)?, vault, job, progress, arguments };
    let ended = export.take_parts(&Interrupt::listen()).await;
    export.progress.clear();
    ended.map_err(|failure| failure.and("the same command goes on from there"))?;
    session.show(&export.finish().await?)
}

fn receiver(path: &Path) -> Result<PublicJwk, Failure> {
    let json = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    PublicJwk::parse(json.trim_ascii())
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}

/// All that has to be remembered.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    job: JobText,
}

fn known(arguments: &Arguments, state: &Path) -> Result<Option<JobId>, Failure> {
    if let Some(job) = &arguments.resume {
        return Ok(Some(job.clone()));
    }
    match std::fs::read(state) {
        Ok(text) => match serde_json::from_slice::<State>(&text) {
            Ok(state) => Ok(Some(state.job.0)),
            Err(_) => Err(Failure::Usage(format!("{}: not the state of an export", state.display()))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(state, &error)),
    }
}

async fn begin(
    arguments: &Arguments,
    key: &PublicJwk,
    vault: &Client,
    state: &Path,
) -> Result<JobView, Failure> {
    if arguments.out.metadata().is_ok_and(|metadata| metadata.len() > 0) {
        return Err(Failure::Usage(format!(
            "{} exists, and there is no job to go on with; give another --out, or --resume the job",
            arguments.out.display()
        )));
    }
    let receiver_key: ReceiverKey = serde_json::from_str(&key.to_string())
        .map_err(|_| Failure::Local("the receiver's key cannot be written".to_owned()))?;
    let request = ExportTokens {
        receiver_key,
        purpose: Text(arguments.purpose),
        profile: arguments.profile.clone().map(Text),
        created_from: arguments.created_from.map(Text),
        created_to: arguments.created_to.map(Text),
    };
    let job = vault.export_tokens(&request).await?;
    let written = || {
        let mut file = owner_only().create(true).truncate(true).open(state)?;
        file.write_all(&serde_json::to_vec(&State { job: job.job.clone() })?)?;
        file.sync_all()?;
        sync_folder_of(state)
    };
    written().map_err(|error: io::Error| Failure::file(state, &error))?;
    Ok(job)
}

/// What was approved is what is asked for.
fn check(job: &JobView, key: &PublicJwk, arguments: &Arguments) -> Result<(), Failure> {
    let is_same = job.receiver.as_deref() == Some(&key.thumbprint())
        && job.purpose.is_some_and(|purpose| purpose.0 == arguments.purpose);
    if !is_same {
        return Err(Failure::Usage(format!("{} began with another receiver or purpose", job.job.0)));
    }
    match job.state.0 {
        JobState::Open | JobState::AwaitingApproval | JobState::Complete => Ok(()),
        ended => Err(Failure::Usage(format!("{} is {ended}: export anew with another --out", job.job.0))),
    }
}

struct Export {
    arguments: Arguments,
    vault: Client,
    job: JobView,
    parts: PartFile,
    progress: Progress,
}

impl Export {
    async fn take_parts(&mut self, interrupt: &Interrupt) -> Result<(), Failure> {
        while !self.parts.is_whole {
            if interrupt.is_asked() {
                return Err(Failure::Interrupted(format!("stopped after {} rows", self.parts.rows)));
            }
            let taking = self.vault.export_part(&self.job.job, self.parts.next, self.arguments.purpose);
            let part = tokio::select! {
                part = taking => part,
                () = interrupt.insisted() => {
                    return Err(Failure::Interrupted(format!("stopped after {} rows", self.parts.rows)));
                }
            };
            let part = part?;
            self.parts.append(&part)?;
            self.progress.advance(u64::from(part.rows));
        }
        Ok(())
    }

    async fn finish(self) -> Result<ExportReport, Failure> {
        // The checksum is inside, for the receiver.
        let completion = CompleteJob { rows: self.parts.rows, checksum: None };
        let done = self.vault.complete_job(&self.job.job, &completion).await?;
        Ok(ExportReport {
            job: done.job.to_string(),
            rows: done.rows,
            passed_over: done.passed_over.unwrap_or_default(),
            out: self.arguments.out,
        })
    }
}

/// The parts so far, a JSON object a line.
struct PartFile {
    path: PathBuf,
    file: File,
    next: u32,
    rows: u64,
    is_whole: bool,
}

impl PartFile {
    /// Opens it for this process alone, behind its last whole line.
    fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::file(path, &error);
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).clone();
        let mut file = options.open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::Usage(format!("{}: another export is writing to it", path.display())));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let (mut next, mut rows, mut is_whole, mut end) = (0_u32, 0_u64, false, 0_u64);
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(failed)?;
            if line.last() != Some(&b'\n') {
                break;
            }
            let part: ExportedPart = serde_json::from_slice(&line)
                .map_err(|_| Failure::Usage(format!("{}: not parts of an export", path.display())))?;
            if part.part != next || is_whole {
                return Err(Failure::Usage(format!("{}: parts are missing or out of order", path.display())));
            }
            next = next.saturating_add(1);
            rows = rows.saturating_add(u64::from(part.rows));
            is_whole = part.last;
            end += line.len() as u64;
        }
        file.set_len(end).and_then(|()| file.seek(SeekFrom::Start(end))).map_err(failed)?;
        sync_folder_of(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, next, rows, is_whole })
    }

    /// Writes one; it is on the disk on return.
    fn append(&mut self, part: &ExportedPart) -> Result<(), Failure> {
        let mut written = || {
            let mut line = serde_json::to_vec(part)?;
            line.push(b'\n');
            self.file.write_all(&line)?;
            self.file.sync_data()
        };
        written().map_err(|error: io::Error| Failure::file(&self.path, &error))?;
        self.next = self.next.saturating_add(1);
        self.rows = self.rows.saturating_add(u64::from(part.rows));
        self.is_whole = part.last;
        Ok(())
    }
}

/// The end of an export.
#[derive(Debug, Serialize)]
struct ExportReport {
    /// The job.
    job: String,
    /// How many tokens.
    rows: u64,
    /// Tokens that were asked for and have no value to give.
    passed_over: u64,
    /// Where they are.
    out: PathBuf,
}

impl Show for ExportReport {
    fn table(&self) -> Table {
        Table::about()
            .field("job", &self.job)
            .field("rows", self.rows)
            .field("passed over", self.passed_over)
            .field("out", self.out.display())
    }
}
