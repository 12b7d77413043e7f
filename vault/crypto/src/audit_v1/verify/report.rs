//! What the verifier found.

use std::fmt;

use crate::audit_v1::export::Scope;
use crate::audit_v1::{Checkpoint, CheckpointError};

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The cluster that the export says it is of.
    pub cluster: Option<String>,
    /// Whose events it says to show.
    pub scope: Option<Scope>,
    /// Each stream, in the order of the export.
    pub streams: Vec<StreamReport>,
    /// What is wrong, in the order of the export: the first is the place to look at.
    pub findings: Vec<Finding>,
    /// How many findings more than are listed.
    pub unlisted_findings: u64,
}

impl Report {
    /// Whether the records are proven: nothing altered, removed, moved, added or left unsigned.
    pub const fn is_ok(&self) -> bool {
        self.findings.is_empty() && self.unlisted_findings == 0
    }
}

/// What was seen of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamReport {
    /// Its name.
    pub stream: String,
    /// The first record of the export; 0 unless it starts later.
    pub start: u64,
    /// Records shown that are what their hash says.
    pub events: u64,
    /// Records present by their hash alone.
    pub redacted: u64,
    /// Checkpoints that are signed and agree with the records, remembered ones included.
    pub checkpoints: u64,
    /// The newest of them.
    pub last_checkpoint: Option<Checkpoint>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// In which stream, if in any.
    pub stream: Option<String>,
    /// The first record that is bad or not proven, as exactly as the records allow to tell.
    pub sequence: Option<u64>,
    /// At which line of the export it showed.
    pub line: u64,
    /// What it is.
    pub kind: FindingKind,
}

/// The ways in which records can fail to prove themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingKind {
    /// An event does not have the hash that stands beside it.
    EventAltered,
    /// Bytes with the right hash that are no event.
    EventUnreadable,
    /// An event of another stream, place or tenant than those of its line.
    ForeignEvent,
    /// An event left out of an export that is to show all.
    EventWithheld,
    /// Records were removed.
    SequenceGap {
        /// How many.
        missing: u64,
    },
    /// A record stands elsewhere than in its place.
    SequenceOrder,
    /// A record stands there twice.
    SequenceRepeated,
    /// A bundle's head is not that of the records up to its end.
    HeadMismatch {
        /// Records in the bundle.
        count: u64,
        /// The size that the last good checkpoint covers.
        proven: u64,
    },
    /// Records without the head of their bundle.
    HeadMissing,
    /// A checkpoint that no trusted key signed.
    CheckpointSignature(CheckpointError),
    /// A signed checkpoint that the records do not lead to: rewritten, with fresh hashes.
    CheckpointMismatch {
        /// Records from the first doubtful one to the end of the checkpoint.
        count: u64,
        /// Whether it is one that was remembered, and not one of the export.
        remembered: bool,
    },
    /// A signed checkpoint that stands behind records it does not cover, and so cannot be compared.
    CheckpointMisplaced {
        /// Records it covers.
        size: u64,
    },
    /// A stream or checkpoint whose origin is not that of the cluster and stream.
    WrongOrigin,
    /// An export of another cluster than the key's.
    WrongCluster,
    /// Two checkpoints, both signed, that cannot both be true.
    Fork {
        /// Records that the contradicted one covers.
        size: u64,
    },
    /// A signed checkpoint covers records that are not there.
    TruncatedTail {
        /// How many records it covers.
        signed: u64,
    },
    /// Records at the end that no checkpoint covers.
    UnsignedTail {
        /// How many.
        count: u64,
    },
    /// An export that starts later, without a good checkpoint at its start.
    UnverifiedStart,
    /// A remembered checkpoint that lies before the start of the export and cannot be compared.
    RememberedBeforeStart {
        /// Records it covers.
        size: u64,
    },
    /// The export stops without its last line.
    MissingEnd,
    /// The last line counts other events than there are.
    EndMismatch {
        /// Events that it counts.
        stated: u64,
        /// Event lines before it.
        found: u64,
    },
    /// Not a line of the format, or not in its place.
    Malformed(&'static str),
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(stream) = &self.stream {
            write!(formatter, "stream {stream}: ")?;
        }
        let first = self.sequence.unwrap_or(0);
        match &self.kind {
            FindingKind::EventAltered => {
                write!(formatter, "record {first} was altered: it does not have the hash beside it")
            }
            FindingKind::EventUnreadable => write!(formatter, "record {first} is no event in canonical form"),
            FindingKind::ForeignEvent => {
                write!(
                    formatter,
                    "record {first} belongs elsewhere: it names another stream, place or tenant"
                )
            }
            FindingKind::EventWithheld => {
                write!(formatter, "record {first} is withheld from an export of all tenants")
            }
            FindingKind::SequenceGap { missing } => {
                write!(formatter, "{} missing", records(first, *missing))
            }
            FindingKind::SequenceOrder => {
                write!(formatter, "record {first} is not in its place: the order was changed")
            }
            FindingKind::SequenceRepeated => write!(formatter, "record {first} is there more than once"),
            FindingKind::HeadMismatch { count, proven } => {
                let bundle = records(first, *count);
                write!(
                    formatter,
                    "{bundle} not what their head says; the first that may be bad is record {first}"
                )?;
                if *proven < first {
                    write!(
                        formatter,
                        ", or {proven} if heads before it, which no checkpoint proves, were rewritten"
                    )?;
                }
                Ok(())
            }
            FindingKind::HeadMissing => {
                write!(formatter, "from record {first} on, the head of a bundle is missing")
            }
            FindingKind::CheckpointSignature(reason) => {
                write!(
                    formatter,
                    "the checkpoint that was to prove record {first} and those after it is refused: {reason}"
                )
            }
            FindingKind::CheckpointMismatch { count, remembered } => write!(
                formatter,
                "{} rewritten: they do not lead to the {} checkpoint; the first that may be bad is record {first}",
                records(first, *count),
                if *remembered { "remembered" } else { "signed" }
            ),
            FindingKind::CheckpointMisplaced { size } => {
                write!(formatter, "the checkpoint over {size} records does not stand directly behind them")
            }
            FindingKind::WrongOrigin => {
                formatter.write_str("the origin is not that of the cluster and stream")
            }
            FindingKind::WrongCluster => formatter.write_str("the export is of another cluster than the key"),
            FindingKind::Fork { size } => write!(
                formatter,
                "two histories were signed: the checkpoint over {size} records contradicts another signed one, from \
                 record {first} on"
            ),
            FindingKind::TruncatedTail { signed } => write!(
                formatter,
                "the end was cut off: record {first} is the first missing, a checkpoint covers {signed} records"
            ),
            FindingKind::UnsignedTail { count } => {
                write!(formatter, "{} not proven: no checkpoint covers them", records(first, *count))
            }
            FindingKind::UnverifiedStart => {
                write!(formatter, "the export starts at record {first} without a good checkpoint there")
            }
            FindingKind::RememberedBeforeStart { size } => write!(
                formatter,
                "the remembered checkpoint over {size} records lies before the start of the export; export from \
                 record 0 or {size} to compare"
            ),
            FindingKind::MissingEnd => match self.sequence {
                Some(next) => write!(formatter, "the export stops; record {next} would have been next"),
                None => formatter.write_str("the export stops without its last line"),
            },
            FindingKind::EndMismatch { stated, found } => {
                write!(formatter, "the last line counts {stated} events, there are {found}")
            }
            FindingKind::Malformed(reason) => formatter.write_str(reason),
        }?;
        write!(formatter, " (line {})", self.line)
    }
}

fn records(first: u64, count: u64) -> String {
    match count {
        0 | 1 => format!("record {first} is"),
        _ => format!("records {first} to {} are", first.saturating_add(count - 1)),
    }
}

/// Collects findings, a bounded number: a ruined export must not fill the memory.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) line: u64,
    pub(super) listed: Vec<Finding>,
    pub(super) unlisted: u64,
}

impl Findings {
    const MOST: usize = 100;

    /// Adds one; gives its place, if it was listed.
    pub(super) fn add(
        &mut self,
        stream: Option<&str>,
        sequence: Option<u64>,
        kind: FindingKind,
    ) -> Option<usize> {
        if self.listed.len() == Self::MOST {
            self.unlisted += 1;
            return None;
        }
        self.listed.push(Finding { stream: stream.map(str::to_owned), sequence, line: self.line, kind });
        Some(self.listed.len() - 1)
    }

    /// Changes what one is taken for, now that more is known.
    pub(super) fn reclassify(&mut self, place: Option<usize>, kind: FindingKind) {
        if let Some(finding) = place.and_then(|place| self.listed.get_mut(place)) {
            finding.kind = kind;
        }
    }
}
