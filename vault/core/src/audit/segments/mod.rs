//! Segments: what leads a search to the few bundles worth reading.
//!
//! A row per record, with an index for each thing people look for, would cost several times what the record itself
//! costs. A segment is one row for a run of about a thousand records; it says when they were made and, in a filter,
//! which terms they hold. A search reads filters, then only the bundles of segments that may hold an answer.

mod terms;

use std::collections::HashSet;

use strongroom_crypto::audit_v1::Event;

use super::unpack;
use crate::ports::Store;
use crate::ports::store::{BundleRow, SegmentRow, StoreError};

pub(super) use terms::{Term, TermFilter};

/// A segment ends with the bundle that brings it to so many records.
const RECORDS: u64 = 1024;
/// Bundles read at a time: bounds memory, whatever has piled up.
const BUNDLES: u32 = 64;

/// Cuts segments wherever there are records enough for one. Returns how many were cut. Two nodes that do this at the
/// same time cut at the same places.
pub(crate) async fn cut_segments(store: &dyn Store) -> Result<u64, StoreError> {
    let mut cut = 0;
    for stream in store.streams().await? {
        let mut next = store.segmented_until(&stream).await?;
        let mut open: Option<OpenSegment> = None;
        loop {
            let bundles = store.read_bundles(&stream, next, BUNDLES).await?;
            if bundles.is_empty() {
                break;
            }
            for bundle in &bundles {
                let segment = open.get_or_insert_with(|| OpenSegment::starting(bundle));
                segment.add(bundle)?;
                next = bundle.end();
                if segment.records() >= RECORDS
                    && let Some(full) = open.take()
                {
                    store.keep_segment(&full.close()).await?;
                    cut += 1;
                }
            }
        }
    }
    Ok(cut)
}

/// A segment in the making.
struct OpenSegment {
    row: SegmentRow,
    terms: HashSet<Term>,
}

impl OpenSegment {
    fn starting(bundle: &BundleRow) -> Self {
        let row = SegmentRow {
            stream: bundle.stream.clone(),
            first_sequence: bundle.first_sequence,
            end: bundle.first_sequence,
            first_time: bundle.created_at,
            last_time: bundle.created_at,
            terms: Vec::new(),
        };
        Self { row, terms: HashSet::new() }
    }

    fn records(&self) -> u64 {
        self.row.end - self.row.first_sequence
    }

    fn add(&mut self, bundle: &BundleRow) -> Result<(), StoreError> {
        for bytes in unpack(bundle)? {
            let event = Event::parse(&bytes).map_err(|_| StoreError::Unreadable("audit record"))?;
            self.row.first_time = self.row.first_time.min(event.time);
            self.row.last_time = self.row.last_time.max(event.time);
            self.terms.extend(Term::all_of(&event));
        }
        self.row.end = bundle.end();
        Ok(())
    }

    fn close(self) -> SegmentRow {
        SegmentRow { terms: TermFilter::of(&self.terms).into_bytes(), ..self.row }
    }
}
