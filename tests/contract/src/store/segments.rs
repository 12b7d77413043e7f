//! What runs of bundles hold.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{SegmentPosition, SegmentRow};
use strongroom_domain::Timestamp;

use super::samples::at;

/// A segment of a hundred records, made between these moments.
fn segment(stream: &str, first_sequence: u64, first_time: u64, last_time: u64) -> SegmentRow {
    SegmentRow {
        stream: stream.to_owned(),
        first_sequence,
        end: first_sequence + 100,
        first_time: at(first_time),
        last_time: at(last_time),
        terms: format!("terms of {stream} from {first_sequence}").into_bytes(),
    }
}

async fn keep(store: &Arc<dyn Store>, rows: &[SegmentRow]) {
    for row in rows {
        store.keep_segment(row).await.unwrap();
    }
}

fn ever() -> (Timestamp, Timestamp) {
    (Timestamp::from_unix_millis(i64::MIN), Timestamp::from_unix_millis(i64::MAX))
}

pub(super) async fn a_segment_is_kept_once(store: Arc<dyn Store>) {
    let row = segment("node-1", 0, 10, 20);
    let other = SegmentRow { terms: vec![1; 5000], end: 7, ..row.clone() };
    keep(&store, &[row.clone(), row.clone(), other]).await;
    assert_eq!(store.read_segments(ever().0, ever().1, None, 10).await.unwrap(), vec![row]);
    assert_eq!(store.segmented_until("node-1").await, Ok(100));
}

pub(super) async fn streams_are_segmented_by_themselves(store: Arc<dyn Store>) {
    assert_eq!(store.segmented_until("node-1").await, Ok(0));
    let rows = [segment("node-1", 0, 1, 2), segment("node-1", 100, 2, 3), segment("node-10", 0, 1, 9)];
    keep(&store, &rows).await;
    for (stream, until) in [("node-1", 200), ("node-10", 100), ("node-2", 0), ("node", 0)] {
        assert_eq!(store.segmented_until(stream).await, Ok(until), "{stream}");
    }
}

pub(super) async fn segments_are_listed_latest_first_and_paged(store: Arc<dyn Store>) {
    // Several end at the same moment, in one stream and in several; later ones were not kept later.
    let mut rows: Vec<SegmentRow> = ["node-2", "node-1"]
        .into_iter()
        .flat_map(|stream| (0..15).map(move |number| (stream, number)))
        .map(|(stream, number)| segment(stream, number * 100, number, 40 + (number * 7 % 15) / 3))
        .collect();
    keep(&store, &rows).await;
    rows.sort_by_key(|row| std::cmp::Reverse(row.position()));
    for page in [1, 4, 30, 100] {
        let mut listed: Vec<SegmentRow> = Vec::new();
        loop {
            let before = listed.last().map(SegmentRow::position);
            let next = store.read_segments(ever().0, ever().1, before.as_ref(), page).await.unwrap();
            assert!(next.len() <= usize::try_from(page).unwrap());
            if next.is_empty() {
                break;
            }
            listed.extend(next);
        }
        assert_eq!(listed, rows);
    }
    // A cursor need not be a segment's own position.
    let between =
        SegmentPosition { last_time: at(42), stream: "node-1".to_owned(), first_sequence: u64::MAX };
    let rest = store.read_segments(ever().0, ever().1, Some(&between), 100).await.unwrap();
    let expected: Vec<SegmentRow> = rows.into_iter().filter(|row| row.position() < between).collect();
    assert!(!expected.is_empty());
    assert_eq!(rest, expected);
}

pub(super) async fn segments_of_other_times_are_left_out(store: Arc<dyn Store>) {
    let rows = [segment("node-1", 0, 10, 20), segment("node-1", 100, 20, 30), segment("node-1", 200, 25, 60)];
    keep(&store, &rows).await;
    let [first, second, third] = [0_u64, 100, 200];
    for (from, until, expected) in [
        (0, 100, vec![third, second, first]),
        (20, 100, vec![third, second, first]),
        (21, 100, vec![third, second]),
        (31, 100, vec![third]),
        (61, 100, vec![]),
        (0, 25, vec![third, second, first]),
        (0, 24, vec![second, first]),
        (0, 19, vec![first]),
        (0, 9, vec![]),
        (22, 24, vec![second]),
        (30, 20, vec![second]),
    ] {
        let found = store.read_segments(at(from), at(until), None, 10).await.unwrap();
        let found: Vec<u64> = found.iter().map(|row| row.first_sequence).collect();
        assert_eq!(found, expected, "{from} to {until}");
    }
}
