//! Segments: what leads a search to the few bundles worth reading.
//!
//! A row per record, with an index for each thing people look for, would cost several times what the record itself
//! costs. A segment is one row for a run of about a thousand records; it says when they were made and, in a filter,
//! which terms they hold. A search reads filters, then only the bundles of segments that may hold an answer.
//!
//! A node cuts its own streams as it writes them, when it has the terms at hand. What was written and not cut, because a
//! node ended without a word, is read back and cut by whoever comes by: the node itself when it starts again, the one
//! that adopts the stream, or a search.

mod full;
mod terms;

use std::collections::HashSet;

use strongroom_crypto::audit_v1::Event;
use strongroom_domain::Timestamp;

use super::unpack;
use crate::ports::Store;
use crate::ports::store::{BundleRow, SegmentRow, StoreError};

pub(crate) use full::FullSegments;
pub(super) use terms::{Term, TermFilter};

/// A segment ends with the bundle that brings it to so many records.
const RECORDS: u64 = 1024;
/// Bundles read at a time: bounds memory, whatever has piled up.
const BUNDLES: u32 = 64;

/// Cuts each stream wherever it holds records enough for a segment.
pub(super) async fn cut_streams(store: &dyn Store) -> Result<(), StoreError> {
    for stream in store.streams().await? {
        cut_stream(store, &stream).await?;
    }
    Ok(())
}

/// Cuts a stream from where it was last cut, by what is stored of it. Returns the segment that is not full yet. Where
/// cuts fall depends on the bundles alone, so whoever cuts, and however many at once, they are the same.
pub(crate) async fn cut_stream(store: &dyn Store, stream: &str) -> Result<OpenSegment, StoreError> {
    let mut open = OpenSegment::starting(stream, store.segmented_until(stream).await?);
    loop {
        let bundles = store.read_bundles(stream, open.end, BUNDLES).await?;
        for bundle in &bundles {
            let (times, terms) = read(bundle)?;
            if let Some(full) = open.add(bundle.end(), times, terms) {
                store.keep_segment(&full).await?;
            }
        }
        if bundles.is_empty() {
            return Ok(open);
        }
    }
}

/// When the first and the last record of a bundle were made, and the terms of all.
fn read(bundle: &BundleRow) -> Result<((Timestamp, Timestamp), Vec<Term>), StoreError> {
    let mut times = (bundle.created_at, bundle.created_at);
    let mut terms = Vec::new();
    for bytes in unpack(bundle)? {
        let event = Event::parse(&bytes).map_err(|_| StoreError::Unreadable("audit record"))?;
        times = (times.0.min(event.time), times.1.max(event.time));
        terms.extend(Term::all_of(&event));
    }
    Ok((times, terms))
}

/// A segment in the making.
pub(crate) struct OpenSegment {
    stream: String,
    first_sequence: u64,
    end: u64,
    times: Option<(Timestamp, Timestamp)>,
    terms: HashSet<Term>,
}

impl OpenSegment {
    fn starting(stream: &str, first_sequence: u64) -> Self {
        Self {
            stream: stream.to_owned(),
            first_sequence,
            end: first_sequence,
            times: None,
            terms: HashSet::new(),
        }
    }

    /// Adds a bundle: where it ends, when its first and last record were made, what can be looked for in it. If that
    /// fills the segment, returns it and begins the next.
    pub(super) fn add(
        &mut self,
        end: u64,
        (first, last): (Timestamp, Timestamp),
        terms: Vec<Term>,
    ) -> Option<SegmentRow> {
        self.end = end;
        self.terms.extend(terms);
        let times = self.times.map_or((first, last), |times| (times.0.min(first), times.1.max(last)));
        self.times = Some(times);
        if end - self.first_sequence < RECORDS {
            return None;
        }
        let row = SegmentRow {
            stream: self.stream.clone(),
            first_sequence: self.first_sequence,
            end,
            first_time: times.0,
            last_time: times.1,
            terms: TermFilter::of(&self.terms).into_bytes(),
        };
        self.terms.clear();
        (self.first_sequence, self.times) = (end, None);
        Some(row)
    }
}
