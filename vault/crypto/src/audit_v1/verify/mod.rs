//! The offline verifier: reads an export once, in bounded memory, and says what is wrong and where it begins.

mod claims;
mod line_reader;
mod report;
mod stream;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

use claims::Claims;
use line_reader::{NextLine, next_line};
use report::Findings;
pub use report::{Finding, FindingKind, Report, StreamReport};
use stream::StreamCheck;

use super::export::{Line, Scope, key_name};
use super::{Checkpoint, CheckpointError, CompactRange, SignedCheckpoint, VerifierKey};

/// Verifies exports of one cluster. Trusts its keys and nothing in the export.
#[derive(Debug, Clone)]
pub struct Verifier {
    key: VerifierKey,
    further_keys: Vec<VerifierKey>,
    remembered: Vec<Checkpoint>,
}

impl Verifier {
    /// Trusts this key.
    pub const fn new(key: VerifierKey) -> Self {
        Self { key, further_keys: Vec::new(), remembered: Vec::new() }
    }

    /// Trusts another key of the same cluster too, from before or after a change of keys.
    pub fn also_trust(&mut self, key: VerifierKey) -> Result<(), CheckpointError> {
        if key.name() != self.key.name() {
            return Err(CheckpointError::OtherLog);
        }
        self.further_keys.push(key);
        Ok(())
    }

    /// Remembers a checkpoint that a witness kept outside the vault. The records must lead to it: only so does it show
    /// when the end was cut off together with its checkpoints.
    pub fn remember(&mut self, note: &str) -> Result<(), CheckpointError> {
        let checkpoint = self.open(note)?;
        if self.stream_of(checkpoint.origin()).is_none() {
            return Err(CheckpointError::OtherLog);
        }
        self.remembered.push(checkpoint);
        Ok(())
    }

    /// Reads an export to its end. An error is one of reading; whatever the export contains is a finding.
    pub fn verify(&self, mut reader: impl BufRead) -> io::Result<Report> {
        let mut run = Run::new(self);
        let mut line = Vec::new();
        loop {
            run.findings.line += 1;
            match next_line(&mut reader, &mut line)? {
                NextLine::Line => run.line(&line),
                NextLine::TooLong => run.malformed("a line is at most 512 KiB"),
                NextLine::End => return Ok(run.finish()),
            }
        }
    }

    /// What a note says, if one of the trusted keys signed it.
    fn open(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        let mut verdict = SignedCheckpoint::verify(note, &self.key);
        for key in &self.further_keys {
            if verdict == Err(CheckpointError::NotSigned) {
                verdict = SignedCheckpoint::verify(note, key);
            }
        }
        verdict
    }

    /// The stream that an origin of this cluster names.
    fn stream_of<'a>(&self, origin: &'a str) -> Option<&'a str> {
        origin.strip_prefix(self.key.name())?.strip_prefix('/')
    }
}

/// More streams than a cluster has nodes, many times over; their names are kept to find one that comes twice.
const MOST_STREAMS: usize = 64 * 1024;

/// One reading of one export.
struct Run<'a> {
    verifier: &'a Verifier,
    findings: Findings,
    report: Report,
    scope: Option<Scope>,
    current: Option<StreamCheck>,
    seen: BTreeSet<String>,
    remembered: BTreeMap<&'a str, Claims>,
    events: u64,
    ended: bool,
}

impl<'a> Run<'a> {
    fn new(verifier: &'a Verifier) -> Self {
        let mut remembered: BTreeMap<&str, Claims> = BTreeMap::new();
        for checkpoint in &verifier.remembered {
            if let Some(stream) = verifier.stream_of(checkpoint.origin()) {
                remembered.entry(stream).or_default().remember(checkpoint.clone());
            }
        }
        Self {
            verifier,
            findings: Findings::default(),
            report: Report::default(),
            scope: None,
            current: None,
            seen: BTreeSet::new(),
            remembered,
            events: 0,
            ended: false,
        }
    }

    fn line(&mut self, line: &[u8]) {
        if self.ended {
            return self.malformed("nothing follows the last line");
        }
        match Line::parse(line) {
            Err(reason) => self.malformed(reason),
            Ok(Line::Header { cluster, scope }) => self.header(cluster, scope),
            Ok(line) => {
                if self.scope.is_none() {
                    self.malformed("an export begins with a header");
                    self.scope = Some(Scope::All);
                }
                match line {
                    Line::Stream { stream, origin, range } => self.stream(stream, &origin, range),
                    Line::End { events } => self.end(events),
                    line => self.in_stream(line),
                }
            }
        }
    }

    fn header(&mut self, cluster: String, scope: Scope) {
        if self.scope.is_some() {
            return self.malformed("an export has one header");
        }
        if key_name(&cluster) != self.verifier.key.name() {
            self.findings.add(None, None, FindingKind::WrongCluster);
        }
        self.report.cluster = Some(cluster);
        self.report.scope = Some(scope.clone());
        self.scope = Some(scope);
    }

    fn stream(&mut self, stream: String, origin: &str, range: Option<CompactRange>) {
        self.finish_stream(true);
        if self.seen.contains(&stream) {
            return self.malformed("a stream stands in an export once");
        }
        if self.seen.len() == MOST_STREAMS {
            return self.malformed("an export has at most 65536 streams");
        }
        if self.verifier.stream_of(origin) != Some(&stream) {
            self.findings.add(Some(&stream), None, FindingKind::WrongOrigin);
        }
        self.seen.insert(stream.clone());
        let claims = self.remembered.remove(stream.as_str()).unwrap_or_default();
        self.current = Some(StreamCheck::new(stream, range, claims));
    }

    fn in_stream(&mut self, line: Line<'_>) {
        let scope = self.scope.as_ref().unwrap_or(&Scope::All);
        let Some(stream) = &mut self.current else {
            return self.malformed("an event, a head or a checkpoint belongs to a stream");
        };
        match line {
            Line::Event { sequence, leaf, event } => {
                self.events += 1;
                stream.event(sequence, &leaf, event, scope, &mut self.findings);
            }
            Line::Bundle { first, end, root } => stream.bundle(first, end, &root, &mut self.findings),
            Line::Checkpoint { note } => {
                let wrong = match self.verifier.open(&note) {
                    Err(error) => FindingKind::CheckpointSignature(error),
                    Ok(checkpoint) if self.verifier.stream_of(checkpoint.origin()) != Some(stream.name()) => {
                        FindingKind::WrongOrigin
                    }
                    Ok(checkpoint) => return stream.checkpoint(checkpoint, &mut self.findings),
                };
                self.findings.add(Some(stream.name()), Some(stream.proven()), wrong);
            }
            Line::Header { .. } | Line::Stream { .. } | Line::End { .. } => {}
        }
    }

    fn end(&mut self, stated: u64) {
        self.finish_stream(true);
        self.ended = true;
        if stated != self.events {
            self.findings.add(None, None, FindingKind::EndMismatch { stated, found: self.events });
        }
    }

    fn finish_stream(&mut self, complete: bool) {
        if let Some(stream) = self.current.take() {
            let report = stream.finish(complete, &mut self.findings);
            self.report.streams.push(report);
        }
    }

    fn finish(mut self) -> Report {
        if !self.ended {
            let stream = self.current.as_ref().map(StreamCheck::name);
            let next = self.current.as_ref().map(StreamCheck::next);
            self.findings.add(stream, next, FindingKind::MissingEnd);
            self.finish_stream(false);
        }
        // A witness remembers a stream, the export does not: all of it was cut off.
        for (stream, claims) in &self.remembered {
            if let Some(signed) = claims.largest().filter(|signed| *signed > 0) {
                self.findings.add(Some(stream), Some(0), FindingKind::TruncatedTail { signed });
            }
        }
        self.report.findings = self.findings.listed;
        self.report.unlisted_findings = self.findings.unlisted;
        self.report
    }

    fn malformed(&mut self, reason: &'static str) {
        let stream = self.current.as_ref().map(StreamCheck::name);
        let next = self.current.as_ref().map(StreamCheck::next);
        self.findings.add(stream, next, FindingKind::Malformed(reason));
    }
}
