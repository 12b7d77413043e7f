//! How a report looks.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use strongroom_crypto::audit_v1::{FindingKind, Report};

use crate::output::{Show, Table, cell};

/// A report as it is written. The JSON is part of the interface: names stay, more may be added.
#[derive(Serialize)]
pub(super) struct Shown {
    ok: bool,
    cluster: Option<String>,
    scope: Option<String>,
    streams: Vec<ShownStream>,
    findings: Vec<ShownFinding>,
    unlisted_findings: u64,
}

#[derive(Serialize)]
struct ShownStream {
    stream: String,
    first_record: u64,
    events: u64,
    redacted: u64,
    checkpoints: u64,
    last_checkpoint: Option<ShownCheckpoint>,
}

#[derive(Serialize)]
struct ShownCheckpoint {
    size: u64,
    root: String,
}

#[derive(Serialize)]
struct ShownFinding {
    kind: &'static str,
    stream: Option<String>,
    first_record: Option<u64>,
    line: u64,
    text: String,
}

impl Shown {
    pub(super) fn new(report: &Report) -> Self {
        let streams = report.streams.iter().map(|stream| ShownStream {
            stream: stream.stream.clone(),
            first_record: stream.start,
            events: stream.events,
            redacted: stream.redacted,
            checkpoints: stream.checkpoints,
            last_checkpoint: stream.last_checkpoint.as_ref().map(|checkpoint| ShownCheckpoint {
                size: checkpoint.size(),
                root: STANDARD.encode(checkpoint.root()),
            }),
        });
        let findings = report.findings.iter().map(|finding| ShownFinding {
            kind: name(&finding.kind),
            stream: finding.stream.clone(),
            first_record: finding.sequence,
            line: finding.line,
            text: finding.to_string(),
        });
        Self {
            ok: report.is_ok(),
            cluster: report.cluster.clone(),
            scope: report.scope.as_ref().map(ToString::to_string),
            streams: streams.collect(),
            findings: findings.collect(),
            unlisted_findings: report.unlisted_findings,
        }
    }

    fn verdict(&self) -> String {
        match self.findings.len() as u64 + self.unlisted_findings {
            0 => "verified: every record shown is proven".to_owned(),
            1 => "NOT verified: 1 finding".to_owned(),
            count => format!("NOT verified: {count} findings"),
        }
    }
}

impl Show for Shown {
    fn table(&self) -> Table {
        let table = Table::about()
            .field("result", self.verdict())
            .field("cluster", cell(self.cluster.as_ref()))
            .field("scope", cell(self.scope.as_ref()));
        let table = table.rows(&self.streams, |stream| {
            let last = match &stream.last_checkpoint {
                Some(checkpoint) => {
                    format!("the last over {} records, root {}", checkpoint.size, checkpoint.root)
                }
                None => "none that is good".to_owned(),
            };
            [
                format!("stream {}", stream.stream),
                format!(
                    "{} records from record {} on ({} redacted), {} checkpoints, {last}",
                    stream.events.saturating_add(stream.redacted),
                    stream.first_record,
                    stream.redacted,
                    stream.checkpoints,
                ),
            ]
        });
        let table = table.rows(&self.findings, |finding| ["finding".to_owned(), finding.text.clone()]);
        match self.unlisted_findings {
            0 => table,
            more => table.field("finding", format!("and {more} more")),
        }
    }

    /// The findings alone, one a line.
    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.findings.iter().try_for_each(|finding| writeln!(out, "{}", finding.text))
    }
}

/// The name of a kind of finding in JSON.
const fn name(kind: &FindingKind) -> &'static str {
    match kind {
        FindingKind::EventAltered => "event_altered",
        FindingKind::EventUnreadable => "event_unreadable",
        FindingKind::ForeignEvent => "foreign_event",
        FindingKind::EventWithheld => "event_withheld",
        FindingKind::SequenceGap { .. } => "sequence_gap",
        FindingKind::SequenceOrder => "sequence_order",
        FindingKind::SequenceRepeated => "sequence_repeated",
        FindingKind::HeadMismatch { .. } => "head_mismatch",
        FindingKind::HeadMissing => "head_missing",
        FindingKind::CheckpointSignature(_) => "checkpoint_signature",
        FindingKind::CheckpointMismatch { .. } => "checkpoint_mismatch",
        FindingKind::CheckpointMisplaced { .. } => "checkpoint_misplaced",
        FindingKind::WrongOrigin => "wrong_origin",
        FindingKind::WrongCluster => "wrong_cluster",
        FindingKind::Fork { .. } => "fork",
        FindingKind::TruncatedTail { .. } => "truncated_tail",
        FindingKind::UnsignedTail { .. } => "unsigned_tail",
        FindingKind::UnverifiedStart => "unverified_start",
        FindingKind::RememberedBeforeStart { .. } => "remembered_before_start",
        FindingKind::MissingEnd => "missing_end",
        FindingKind::EndMismatch { .. } => "end_mismatch",
        FindingKind::Malformed(_) => "malformed",
    }
}
