//! Verifies one stream: computes its tree again, leaf by leaf, and holds heads and checkpoints against it.

use std::cmp::Ordering;

use super::claims::Claims;
use super::report::{FindingKind, Findings, StreamReport};
use crate::audit_v1::export::Scope;
use crate::audit_v1::{Checkpoint, CompactRange, Event, Hash, leaf_hash};

/// What is known of the stream up to the line in hand.
pub(super) struct StreamCheck {
    report: StreamReport,
    /// The sequence number that comes next.
    next: u64,
    /// The tree over all records so far; none once a record is missing, for then no root can be computed.
    tree: Option<CompactRange>,
    /// A head or checkpoint did not fit, so later ones will not either, and only the first says where.
    suspect: bool,
    /// The first record that no head has followed yet.
    bundle_first: u64,
    /// Records proven by a checkpoint.
    proven: u64,
    /// Records proven by the checkpoint before that.
    proven_before: u64,
    start_proven: bool,
    /// Checkpoints over records still to come.
    claims: Claims,
    contradiction: Option<Contradiction>,
    gaps: Vec<Gap>,
}

/// A signed checkpoint that the records do not lead to.
struct Contradiction {
    size: u64,
    finding: Option<usize>,
}

/// Records passed over; should they come later, they were moved and not removed.
struct Gap {
    first: u64,
    end: u64,
    finding: Option<usize>,
}

/// More than one tampering needs to be told apart; beyond it, moved records are reported as repeated.
const MOST_GAPS: usize = 256;

impl StreamCheck {
    pub(super) fn new(stream: String, range: Option<CompactRange>, claims: Claims) -> Self {
        let tree = range.unwrap_or_default();
        let start = tree.size();
        let report =
            StreamReport { stream, start, events: 0, redacted: 0, checkpoints: 0, last_checkpoint: None };
        Self {
            report,
            next: start,
            tree: Some(tree),
            suspect: false,
            bundle_first: start,
            proven: start,
            proven_before: start,
            start_proven: start == 0,
            claims,
            contradiction: None,
            gaps: Vec::new(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.report.stream
    }

    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    pub(super) const fn proven(&self) -> u64 {
        self.proven
    }

    /// An event line.
    pub(super) fn event(
        &mut self,
        sequence: u64,
        leaf: &Hash,
        event: Option<&[u8]>,
        scope: &Scope,
        findings: &mut Findings,
    ) {
        self.settle(findings);
        if sequence > self.next {
            self.missing(sequence, findings);
        }
        if sequence == self.next {
            self.next += 1;
            if let Some(tree) = &mut self.tree {
                tree.append(*leaf);
            }
        } else {
            self.late(sequence, findings);
        }
        self.content(sequence, leaf, event, scope, findings);
    }

    /// A head.
    pub(super) fn bundle(&mut self, first: u64, end: u64, root: &Hash, findings: &mut Findings) {
        if end > self.next {
            self.missing(end, findings);
        } else if first > self.bundle_first && end == self.next {
            self.add(self.bundle_first, FindingKind::HeadMissing, findings);
        }
        let fits = end == self.next && first >= self.bundle_first;
        if let Some(tree) = &self.tree
            && !self.suspect
            && !(fits && tree.root() == *root)
        {
            let count = self.next - self.bundle_first;
            self.add(self.bundle_first, FindingKind::HeadMismatch { count, proven: self.proven }, findings);
            self.suspect = true;
        }
        self.bundle_first = self.next;
    }

    /// A checkpoint of the export, signed for this stream.
    pub(super) fn checkpoint(&mut self, checkpoint: Checkpoint, findings: &mut Findings) {
        let size = checkpoint.size();
        let placed = match size.cmp(&self.next) {
            Ordering::Greater => self.claims.hold(checkpoint),
            Ordering::Equal => {
                self.judge(checkpoint, false, findings);
                self.settle(findings);
                true
            }
            // The same once more says nothing new; and without a tree there is nothing to compare it with anyway.
            Ordering::Less => {
                self.tree.is_none() || self.report.last_checkpoint.as_ref() == Some(&checkpoint)
            }
        };
        if !placed {
            self.add(self.proven, FindingKind::CheckpointMisplaced { size }, findings);
        }
    }

    /// The end of the stream. When the export itself was cut, what lacks its head or checkpoint goes without saying.
    pub(super) fn finish(mut self, complete: bool, findings: &mut Findings) -> StreamReport {
        self.settle(findings);
        for size in self.claims.before(self.report.start) {
            self.add(self.report.start, FindingKind::RememberedBeforeStart { size }, findings);
        }
        if let Some(signed) = self.claims.largest().filter(|signed| *signed > self.next) {
            self.add(self.next, FindingKind::TruncatedTail { signed }, findings);
        }
        if self.tree.is_some() && !self.start_proven {
            self.add(self.report.start, FindingKind::UnverifiedStart, findings);
        } else if self.tree.is_some() && !self.suspect && complete {
            if self.bundle_first < self.next {
                self.add(self.bundle_first, FindingKind::HeadMissing, findings);
            }
            if self.proven < self.next {
                self.add(self.proven, FindingKind::UnsignedTail { count: self.next - self.proven }, findings);
            }
        }
        self.report
    }

    /// Holds the checkpoints over exactly the records so far against their tree. Done when the next record comes, so
    /// that a bundle's head, which says more exactly where, is looked at first.
    fn settle(&mut self, findings: &mut Findings) {
        for claim in self.claims.take(self.next) {
            self.judge(claim.checkpoint, claim.remembered, findings);
        }
    }

    fn judge(&mut self, checkpoint: Checkpoint, remembered: bool, findings: &mut Findings) {
        let Some(tree) = &self.tree else { return };
        if tree.root() == *checkpoint.root() {
            self.prove(checkpoint, findings);
        } else {
            self.contradict(checkpoint.size(), remembered, findings);
        }
    }

    fn prove(&mut self, checkpoint: Checkpoint, findings: &mut Findings) {
        // The log's own key signed this history and another: no outsider can have made both.
        if let Some(Contradiction { size, finding }) = self.contradiction.take() {
            if finding.is_some() {
                findings.reclassify(finding, FindingKind::Fork { size });
            } else {
                self.add(self.proven, FindingKind::Fork { size }, findings);
            }
        }
        self.suspect = false;
        self.start_proven |= checkpoint.size() == self.report.start;
        if checkpoint.size() > self.proven {
            self.proven_before = self.proven;
            self.proven = checkpoint.size();
        }
        self.report.checkpoints += 1;
        self.report.last_checkpoint = Some(checkpoint);
    }

    fn contradict(&mut self, size: u64, remembered: bool, findings: &mut Findings) {
        if !self.start_proven {
            // The range that the export starts from is not what was signed, so no root after it means anything.
            self.add(self.report.start, FindingKind::UnverifiedStart, findings);
            self.tree = None;
        } else if size == self.proven {
            self.add(self.proven_before, FindingKind::Fork { size }, findings);
        } else if self.contradiction.is_none() {
            let count = size - self.proven;
            let finding = (!self.suspect)
                .then(|| {
                    self.add(self.proven, FindingKind::CheckpointMismatch { count, remembered }, findings)
                })
                .flatten();
            self.contradiction = Some(Contradiction { size, finding });
            self.suspect = true;
        }
    }

    /// Records from the next one up to the given one are not there.
    fn missing(&mut self, end: u64, findings: &mut Findings) {
        let finding = self.add(self.next, FindingKind::SequenceGap { missing: end - self.next }, findings);
        if self.gaps.len() < MOST_GAPS {
            self.gaps.push(Gap { first: self.next, end, finding });
        }
        self.tree = None;
        self.next = end;
    }

    /// A record that should have come before.
    fn late(&mut self, sequence: u64, findings: &mut Findings) {
        let gap = self.gaps.iter().find(|gap| (gap.first..gap.end).contains(&sequence));
        match gap {
            Some(gap) => findings.reclassify(gap.finding, FindingKind::SequenceOrder),
            None => {
                self.add(sequence, FindingKind::SequenceRepeated, findings);
            }
        }
    }

    /// Whether the event is what its hash says and stands where it says.
    fn content(
        &mut self,
        sequence: u64,
        leaf: &Hash,
        event: Option<&[u8]>,
        scope: &Scope,
        findings: &mut Findings,
    ) {
        let Some(bytes) = event else {
            self.report.redacted += 1;
            if *scope == Scope::All {
                self.add(sequence, FindingKind::EventWithheld, findings);
            }
            return;
        };
        let in_scope = |event: &Event| match scope {
            Scope::All => true,
            Scope::Tenant(tenant) => event.tenant == *tenant,
        };
        let wrong = if leaf_hash(bytes) != *leaf {
            Some(FindingKind::EventAltered)
        } else {
            match Event::parse(bytes) {
                Err(_) => Some(FindingKind::EventUnreadable),
                Ok(event) => {
                    let at_home =
                        event.stream == self.report.stream && event.sequence == sequence && in_scope(&event);
                    (!at_home).then_some(FindingKind::ForeignEvent)
                }
            }
        };
        match wrong {
            Some(kind) => {
                self.add(sequence, kind, findings);
            }
            None => self.report.events += 1,
        }
    }

    fn add(&self, sequence: u64, kind: FindingKind, findings: &mut Findings) -> Option<usize> {
        findings.add(Some(&self.report.stream), Some(sequence), kind)
    }
}
