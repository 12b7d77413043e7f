//! This node's audit stream: gap-free numbers, one growing tree, one bundle a commit.

use strongroom_crypto::audit_v1::{CompactRange, leaf_hash};
use strongroom_domain::Timestamp;

use super::EventDraft;
use super::draft::EventContext;
use super::segments::{OpenSegment, Term};
use crate::pipeline::SpentPermit;
use crate::ports::store::{BundleRow, SegmentRow, StoreError, StreamHead};

/// Where the stream stands, as far as it is known to be durable.
pub(crate) struct AuditStream {
    name: String,
    range: CompactRange,
    segment: OpenSegment,
}

/// Where the stream will stand if a bundle is written, and what can be looked for in it.
pub(crate) struct NextPlace {
    range: CompactRange,
    time: Timestamp,
    terms: Vec<Term>,
}

impl AuditStream {
    /// Goes on from what is stored; a stream never written begins empty.
    pub(crate) fn resume(
        name: &str,
        head: Option<&StreamHead>,
        segment: OpenSegment,
    ) -> Result<Self, StoreError> {
        let range = match head {
            None => CompactRange::new(),
            Some(head) => CompactRange::decode(&head.range)
                .ok()
                .filter(|range| range.size() == head.size && range.root() == head.root)
                .ok_or(StoreError::Unreadable("audit stream head"))?,
        };
        Ok(Self { name: name.to_owned(), range, segment })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn size(&self) -> u64 {
        self.range.size()
    }

    pub(crate) fn root(&self) -> [u8; 32] {
        self.range.root()
    }

    /// Makes the bundle of these records, numbered from where the stream stands.
    pub(crate) fn seal<'a>(
        &self,
        records: impl Iterator<Item = (&'a SpentPermit, &'a [EventDraft])>,
        now: Timestamp,
    ) -> (BundleRow, NextPlace) {
        let mut range = self.range.clone();
        let mut packed = Vec::with_capacity(4096);
        let mut event_bytes = Vec::with_capacity(512);
        let mut terms = Vec::new();
        for (permit, drafts) in records {
            let context = EventContext::new(permit, &self.name, now);
            terms.extend(context.terms());
            for draft in drafts {
                terms.extend(draft.terms());
                event_bytes.clear();
                draft.encode(&context, range.size(), &mut event_bytes);
                range.append(leaf_hash(&event_bytes));
                packed.extend_from_slice(&u32::try_from(event_bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
                packed.extend_from_slice(&event_bytes);
            }
        }
        let row = BundleRow {
            stream: self.name.clone(),
            first_sequence: self.range.size(),
            count: u32::try_from(range.size() - self.range.size()).unwrap_or(u32::MAX),
            events: lz4_flex::compress_prepend_size(&packed),
            root: range.root(),
            range: range.encode(),
            created_at: now,
        };
        (row, NextPlace { range, time: now, terms })
    }

    /// The bundle is durable: the stream stands after it. Returns the segment that it filled, if it filled one.
    pub(crate) fn advance(&mut self, next: NextPlace) -> Option<SegmentRow> {
        self.range = next.range;
        self.segment.add(self.range.size(), (next.time, next.time), next.terms)
    }
}

/// The records of a bundle, as their canonical bytes.
pub(crate) fn unpack(bundle: &BundleRow) -> Result<Vec<Vec<u8>>, StoreError> {
    let unreadable = StoreError::Unreadable("audit bundle");
    // The size stands in front and is under whoever can write to the database: bounded before it is believed.
    const MOST: usize = 64 << 20;
    let stated =
        bundle.events.first_chunk::<4>().map(|size| u32::from_le_bytes(*size) as usize).ok_or(unreadable)?;
    if stated > MOST {
        return Err(unreadable);
    }
    let packed = lz4_flex::decompress_size_prepended(&bundle.events).map_err(|_| unreadable)?;
    let mut rest = packed.as_slice();
    let mut events = Vec::with_capacity(bundle.count as usize & 0xffff);
    while !rest.is_empty() {
        let (length, tail) = rest.split_first_chunk::<4>().ok_or(unreadable)?;
        let (event, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or(unreadable)?;
        events.push(event.to_vec());
        rest = tail;
    }
    if events.len() == bundle.count as usize { Ok(events) } else { Err(unreadable) }
}
