//! `strongroom audit verify`: needs no vault and no network, since its point is not to trust one.

mod notes;
mod shown;

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use strongroom_crypto::audit_v1::{Report, SignedCheckpoint, Verifier, VerifierKey};

use crate::arguments::Refusal;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;
use shown::Shown;

/// What a user has to know to believe the result.
pub(super) const HELP: &str = "\
The verifier key is the one written down at the ceremony, not one that came with the export. Without remembered
checkpoints (--checkpoints), an end cut off together with its checkpoints is not detected. Export after the newest of
them was signed: what it covers has to be there.

Exits with 0 if the records prove themselves, and with 7 if not; the first finding is the place to look at.";

/// What to verify, and with what.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The export; - for standard input
    #[arg(value_name = "EXPORT")]
    pub export: PathBuf,
    /// Key that checkpoints are trusted to be signed with; again for one before or after a change of keys
    #[arg(long, value_parser = verifier_key, value_name = "VERIFIER_KEY", required_unless_present = "key_file")]
    pub key: Vec<VerifierKey>,
    /// File with such keys, one a line
    #[arg(long, value_name = "FILE")]
    pub key_file: Vec<PathBuf>,
    /// Files with remembered checkpoints, as a witness keeps them: one signed note after the other, of any streams
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub checkpoints: Vec<PathBuf>,
}

/// Verifies it and shows the report. Findings end it with their own exit code.
pub(super) fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let verifier = verifier(arguments)?;
    let report = verify(&verifier, &arguments.export, output)?;
    output.show(&Shown::new(&report))?;
    if report.is_ok() { Ok(()) } else { Err(Failure::Findings) }
}

fn verify(verifier: &Verifier, export: &Path, output: Output) -> Result<Report, Failure> {
    if export == Path::new("-") {
        let progress = Progress::of_bytes(None, output.style());
        let read = verifier.verify(buffered(progress.reading(io::stdin().lock())));
        return read.map_err(|error| Failure::Local(format!("standard input: {}", error.kind())));
    }
    let failed = |error: io::Error| Failure::file(export, &error);
    let file = File::open(export).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let progress = Progress::of_bytes(Some(length), output.style());
    verifier.verify(buffered(progress.reading(file))).map_err(failed)
}

fn buffered(reader: impl Read) -> impl io::BufRead {
    BufReader::with_capacity(256 * 1024, reader)
}

fn verifier(arguments: &Arguments) -> Result<Verifier, Failure> {
    let mut keys = arguments.key.clone();
    for path in &arguments.key_file {
        keys.extend(keys_of(path)?);
    }
    let mut keys = keys.into_iter();
    let Some(first) = keys.next() else {
        return Err(Failure::Usage("--key-file holds no verifier key".to_owned()));
    };
    let mut verifier = Verifier::new(first);
    for key in keys {
        verifier
            .also_trust(key)
            .map_err(|_| Failure::Usage("the verifier keys are not of one cluster".to_owned()))?;
    }
    for path in &arguments.checkpoints {
        remember(&mut verifier, path)?;
    }
    Ok(verifier)
}

fn keys_of(path: &Path) -> Result<Vec<VerifierKey>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
    lines
        .map(|(index, line)| {
            line.parse()
                .map_err(|error| Failure::Usage(format!("{}, line {}: {error}", path.display(), index + 1)))
        })
        .collect()
}

/// A note that cannot be used stops everything: going on without it would prove less than was asked.
fn remember(verifier: &mut Verifier, path: &Path) -> Result<(), Failure> {
    let at = |line: usize, reason: &dyn std::fmt::Display| {
        Failure::Local(format!("{}, line {line}: {reason}", path.display()))
    };
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let notes = notes::split(&text, SignedCheckpoint::MAX_LENGTH).map_err(|malformed| {
        at(malformed.line, &"checkpoints are text, an empty line and signature lines, one after the other")
    })?;
    if notes.is_empty() {
        return Err(Failure::Local(format!("{}: there is no checkpoint in it", path.display())));
    }
    for note in notes {
        verifier.remember(&note.text).map_err(|error| at(note.line, &error))?;
    }
    Ok(())
}

fn verifier_key(typed: &str) -> Result<VerifierKey, Refusal> {
    typed
        .trim()
        .parse()
        .map_err(|error: strongroom_crypto::audit_v1::CheckpointError| Refusal(error.to_string()))
}
