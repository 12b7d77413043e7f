use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::ports::Store;
use crate::ports::store::{SegmentRow, StoreError};

/// Segments that are full and not yet kept, in the order in which they were filled. They are kept in that order: a stream
/// counts as cut up to its last segment, so one left out would hide its records from searches.
#[derive(Default)]
pub(crate) struct FullSegments {
    rows: Mutex<VecDeque<SegmentRow>>,
    turn: tokio::sync::Mutex<()>,
}

impl FullSegments {
    pub(crate) fn push(&self, row: SegmentRow) {
        self.rows().push_back(row);
    }

    /// Keeps all there are. What fails is tried again the next time.
    pub(crate) async fn keep(&self, store: &dyn Store) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        loop {
            let first = self.rows().front().cloned();
            let Some(first) = first else { return Ok(()) };
            store.keep_segment(&first).await?;
            self.rows().pop_front();
        }
    }

    fn rows(&self) -> std::sync::MutexGuard<'_, VecDeque<SegmentRow>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
