//! The audit record.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::CheckpointRow;

use super::samples::{at, batch};

pub(super) async fn bundles_come_back_as_they_went_in(store: Arc<dyn Store>) {
    let batches =
        [batch("node-1", 0, 3, vec![]), batch("node-1", 3, 1, vec![]), batch("node-2", 0, 2, vec![])];
    for batch in &batches {
        store.commit(batch).await.unwrap();
    }
    let bundles: Vec<_> = batches.into_iter().map(|batch| batch.bundle).collect();
    let (first, second) = bundles.split_at(2);
    assert_eq!(store.read_bundles("node-1", 0, 10).await.unwrap(), first);
    assert_eq!(store.read_bundles("node-2", 0, 10).await.unwrap(), second);
    assert!(store.read_bundles("node-3", 0, 10).await.unwrap().is_empty());
}

pub(super) async fn reading_begins_in_the_middle_of_a_bundle(store: Arc<dyn Store>) {
    for first in [0, 5, 10, 15] {
        store.commit(&batch("node-1", first, 5, vec![])).await.unwrap();
    }
    // Another stream with other borders must not shift these.
    store.commit(&batch("node-0", 0, 18, vec![])).await.unwrap();
    for (from, limit, expected) in [
        (0, 10, vec![0, 5, 10, 15]),
        (4, 10, vec![0, 5, 10, 15]),
        (5, 10, vec![5, 10, 15]),
        (7, 2, vec![5, 10]),
        (19, 10, vec![15]),
        (20, 10, vec![]),
        (u64::MAX, 10, vec![]),
        (0, 0, vec![]),
    ] {
        let bundles = store.read_bundles("node-1", from, limit).await.unwrap();
        assert_eq!(bundles.iter().map(|bundle| bundle.first_sequence).collect::<Vec<_>>(), expected);
    }
}

pub(super) async fn streams_and_heads_are_listed(store: Arc<dyn Store>) {
    assert!(store.streams().await.unwrap().is_empty());
    for name in ["node-b", "node-a"] {
        let written = batch(name, 0, 2, vec![]);
        store.commit(&written).await.unwrap();
        assert_eq!(store.stream_head(name).await.unwrap(), Some(written.bundle.head()));
    }
    let mut streams = store.streams().await.unwrap();
    streams.sort();
    assert_eq!(streams, vec!["node-a".to_owned(), "node-b".to_owned()]);
}

pub(super) async fn checkpoints_are_kept_and_stay(store: Arc<dyn Store>) {
    let checkpoint = |stream: &str, size, note: &str| CheckpointRow {
        stream: stream.to_owned(),
        size,
        note: note.to_owned(),
        created_at: at(size),
    };
    let rows: Vec<CheckpointRow> =
        [40, 10, 30, 20].map(|size| checkpoint("node-1", size, "signed\n\n— line\n")).to_vec();
    assert_eq!(store.latest_checkpoint("node-1").await.unwrap(), None);
    for row in &rows {
        store.keep_checkpoint(row).await.unwrap();
    }
    store.keep_checkpoint(&checkpoint("node-2", 99, "another stream")).await.unwrap();
    let sizes = |rows: &[CheckpointRow]| rows.iter().map(|row| row.size).collect::<Vec<_>>();
    assert_eq!(sizes(&store.read_checkpoints("node-1", 0, 10).await.unwrap()), vec![10, 20, 30, 40]);
    assert_eq!(sizes(&store.read_checkpoints("node-1", 20, 2).await.unwrap()), vec![20, 30]);
    assert_eq!(sizes(&store.read_checkpoints("node-1", 41, 10).await.unwrap()), Vec::<u64>::new());
    assert_eq!(store.latest_checkpoint("node-1").await.unwrap(), rows.first().cloned());
    // What was signed and perhaps handed out is not exchanged for something else.
    for _ in 0..2 {
        let again = CheckpointRow { created_at: at(77), ..checkpoint("node-1", 40, "signed again") };
        store.keep_checkpoint(&again).await.unwrap();
    }
    assert_eq!(store.latest_checkpoint("node-1").await.unwrap(), rows.first().cloned());
    assert_eq!(store.read_checkpoints("node-1", 0, 10).await.unwrap().len(), 4);
}
