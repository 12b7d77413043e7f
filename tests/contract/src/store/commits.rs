//! One transaction, exact conflicts, one writer to a stream.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Batch, CommitError, Effect};

use super::answers::answer;
use super::registry::cluster;
use super::samples::{Node, batch, end_token, fingerprint, insert_token, tenant, token};

pub(super) async fn all_of_a_batch_or_nothing(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![insert_token("acme", 1)]]).await;
    let head = store.stream_head("node-1").await.unwrap();
    let row = fingerprint("acme", 1, 2, false);
    let units = vec![
        vec![insert_token("acme", 2), Effect::InsertFingerprint(row.clone())],
        vec![insert_token("acme", 1)],
        vec![Effect::InsertAnswer(answer("acme", "shop", 1))],
        vec![],
    ];
    assert_eq!(node.conflicts(units.clone()).await, vec![1]);
    assert_eq!(store.find_token(&tenant("acme"), &token(2)).await.unwrap(), None);
    assert!(
        store.find_fingerprints(&tenant("acme"), std::slice::from_ref(&row.key)).await.unwrap().is_empty()
    );
    let kept = answer("acme", "shop", 1);
    assert_eq!(store.find_answer(&kept.tenant, &kept.service, &kept.key).await.unwrap(), None);
    assert_eq!(store.stream_head("node-1").await.unwrap(), head);
    assert_eq!(store.read_bundles("node-1", 0, 10).await.unwrap().len(), 1);

    let rest = units.into_iter().enumerate().filter(|(position, _)| *position != 1).map(|(_, unit)| unit);
    node.commit(rest.collect()).await;
    assert!(store.find_token(&tenant("acme"), &token(2)).await.unwrap().is_some());
    assert_eq!(
        store.find_fingerprints(&tenant("acme"), std::slice::from_ref(&row.key)).await.unwrap(),
        vec![row]
    );
    assert_eq!(store.find_answer(&kept.tenant, &kept.service, &kept.key).await.unwrap(), Some(kept));
    assert_eq!(store.read_bundles("node-1", 0, 10).await.unwrap().len(), 2);
}

pub(super) async fn every_conflicting_unit_is_named_and_no_other(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let taken = fingerprint("acme", 1, 1, true);
    node.commit(vec![
        vec![insert_token("acme", 1), Effect::InsertFingerprint(taken)],
        vec![insert_token("acme", 2)],
        vec![Effect::InsertAnswer(answer("acme", "shop", 1))],
    ])
    .await;
    let units = vec![
        vec![insert_token("acme", 10)],
        vec![insert_token("acme", 1)],
        vec![],
        vec![insert_token("acme", 11), Effect::InsertFingerprint(fingerprint("acme", 1, 11, true))],
        vec![end_token("acme", 2, 1)],
        vec![end_token("acme", 1, 2)],
        vec![end_token("acme", 99, 1)],
        vec![Effect::InsertAnswer(answer("acme", "shop", 1))],
        vec![Effect::InsertFingerprint(fingerprint("acme", 1, 12, false))],
        vec![Effect::InsertAnswer(answer("acme", "shop", 2))],
    ];
    assert_eq!(node.conflicts(units).await, vec![1, 3, 5, 6, 7]);
    assert_eq!(store.find_token(&tenant("acme"), &token(2)).await.unwrap().unwrap().row_version, 1);
}

pub(super) async fn of_units_with_the_same_row_the_first_wins(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![insert_token("acme", 1)]]).await;
    let units = vec![
        vec![insert_token("acme", 2)],
        vec![insert_token("acme", 2)],
        vec![insert_token("rival", 2)],
        vec![Effect::InsertFingerprint(fingerprint("acme", 1, 3, true))],
        vec![Effect::InsertFingerprint(fingerprint("acme", 1, 4, true))],
        vec![Effect::InsertFingerprint(fingerprint("rival", 1, 4, true))],
        vec![Effect::InsertAnswer(answer("acme", "shop", 1))],
        vec![Effect::InsertAnswer(answer("acme", "shop", 1))],
        vec![end_token("acme", 1, 1)],
        vec![end_token("acme", 1, 1)],
    ];
    assert_eq!(node.conflicts(units.clone()).await, vec![1, 4, 7, 9]);
    let rest = units.into_iter().enumerate().filter(|(position, _)| ![1, 4, 7, 9].contains(position));
    node.commit(rest.map(|(_, unit)| unit).collect()).await;
}

/// A unit that is left out for one of its changes does not stand in the way of another with the rest of them.
pub(super) async fn a_unit_that_conflicts_leaves_room_for_the_next(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![Effect::InsertAnswer(answer("acme", "shop", 1))]]).await;
    let row = Effect::InsertFingerprint(fingerprint("acme", 1, 1, true));
    let first = vec![row.clone(), Effect::InsertAnswer(answer("acme", "shop", 1))];
    assert_eq!(node.conflicts(vec![first, vec![row.clone()], vec![row]]).await, vec![0, 2]);
}

pub(super) async fn a_unit_is_applied_whole_or_not_at_all(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![insert_token("acme", 1)]]).await;
    let unit = vec![insert_token("acme", 2), end_token("acme", 1, 7), insert_token("acme", 3)];
    assert_eq!(node.conflicts(vec![unit]).await, vec![0]);
    for number in [2, 3] {
        assert_eq!(store.find_token(&tenant("acme"), &token(number)).await.unwrap(), None);
    }
}

pub(super) async fn units_see_what_earlier_units_did(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let old = fingerprint("acme", 1, 1, true);
    let new = fingerprint("acme", 1, 2, true);
    node.commit(vec![vec![Effect::InsertFingerprint(old.clone())]]).await;
    node.commit(vec![
        vec![insert_token("acme", 1)],
        vec![end_token("acme", 1, 1)],
        vec![Effect::DeleteFingerprint(old.clone())],
        vec![Effect::InsertFingerprint(new.clone())],
    ])
    .await;
    assert_eq!(store.find_token(&tenant("acme"), &token(1)).await.unwrap().unwrap().row_version, 2);
    assert_eq!(
        store.find_fingerprints(&new.tenant, std::slice::from_ref(&new.key)).await.unwrap(),
        vec![new.clone()]
    );
    let too_early = vec![vec![Effect::InsertFingerprint(old)], vec![Effect::DeleteFingerprint(new)]];
    assert_eq!(node.conflicts(too_early).await, vec![0]);
}

/// More rows than one statement takes, and a number of them that is no power of two.
pub(super) async fn batches_may_be_large(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let units = |from: u64| {
        (from..from + 777).map(|number| {
            let row = fingerprint("acme", u8::try_from(number % 256).unwrap(), number, false);
            vec![insert_token("acme", number), Effect::InsertFingerprint(row)]
        })
    };
    node.commit(units(0).collect()).await;
    assert_eq!(node.conflicts(units(776).collect()).await, vec![0]);
    let tokens: Vec<_> = (0..2000).map(token).collect();
    assert_eq!(store.find_tokens(&tenant("acme"), &tokens).await.unwrap().len(), 777);
    node.commit((0..777).map(|number| vec![end_token("acme", number, 1)]).collect()).await;
    let rows = store.find_tokens(&tenant("acme"), &tokens).await.unwrap();
    assert!(rows.iter().all(|row| row.envelope.is_none()));
}

pub(super) async fn a_stream_is_continued_where_it_stands(store: Arc<dyn Store>) {
    assert_eq!(store.stream_head("node-1").await.unwrap(), None);
    let first = batch("node-1", 0, 3, vec![]);
    store.commit(&first).await.unwrap();
    assert_eq!(store.stream_head("node-1").await.unwrap(), Some(first.bundle.head()));
    let second = batch("node-1", 3, 2, vec![]);
    store.commit(&second).await.unwrap();
    assert_eq!(store.stream_head("node-1").await.unwrap(), Some(second.bundle.head()));
}

pub(super) async fn a_fenced_batch_writes_nothing(store: Arc<dyn Store>) {
    let unit = || vec![vec![insert_token("acme", 1)]];
    let cluster = || vec![vec![Effect::InsertCluster(cluster())]];
    assert_eq!(store.commit(&batch("node-1", 5, 1, unit())).await, Err(CommitError::Fenced));
    assert!(store.streams().await.unwrap().is_empty());
    store.commit(&batch("node-1", 0, 3, vec![])).await.unwrap();
    // Before the head, inside the last bundle, and with a gap behind it; with effects of any kind and without.
    for first in [0, 1, 2, 4, 1000] {
        for units in [unit(), cluster(), vec![], vec![vec![end_token("acme", 99, 1)]]] {
            assert_eq!(store.commit(&batch("node-1", first, 1, units)).await, Err(CommitError::Fenced));
        }
    }
    assert_eq!(store.find_token(&tenant("acme"), &token(1)).await.unwrap(), None);
    assert_eq!(store.load_registry().await.map(|registry| registry.is_some()), Ok(false));
    assert_eq!(store.read_bundles("node-1", 0, 10).await.unwrap().len(), 1);
    store.commit(&batch("node-1", 3, 1, unit())).await.unwrap();
}

/// A batch whose answer was lost is given again: that tells what became of it.
pub(super) async fn the_same_batch_twice_is_written_once(store: Arc<dyn Store>) {
    let units = || vec![vec![insert_token("acme", 1)], vec![]];
    for batch in
        [batch("node-1", 0, 2, units()), batch("node-1", 2, 1, vec![vec![]]), batch("node-2", 0, 7, vec![])]
    {
        store.commit(&batch).await.unwrap();
        // If there are effects, they conflict with themselves; the stream is looked at first.
        assert_eq!(store.commit(&batch).await, Err(CommitError::Fenced));
        assert_eq!(store.stream_head(&batch.bundle.stream).await.unwrap(), Some(batch.bundle.head()));
    }
    assert_eq!(store.read_bundles("node-1", 0, 10).await.unwrap().len(), 2);
    assert_eq!(store.streams().await.unwrap().len(), 2);
}

/// Ended, removed, moved, added, answered and found wanting in one batch: each is counted by itself.
pub(super) async fn a_batch_may_hold_changes_of_every_kind(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let moved = fingerprint("acme", 1, 1, true);
    node.commit(vec![
        vec![insert_token("acme", 1), Effect::InsertFingerprint(moved.clone())],
        vec![insert_token("acme", 2), insert_token("acme", 3)],
    ])
    .await;
    let units = |ending: Effect| {
        vec![
            vec![
                Effect::DeleteFingerprint(moved.clone()),
                Effect::InsertFingerprint(fingerprint("acme", 1, 2, true)),
                Effect::InsertFingerprint(fingerprint("acme", 2, 2, false)),
            ],
            vec![end_token("acme", 1, 1), insert_token("acme", 4)],
            vec![],
            vec![ending, Effect::InsertAnswer(answer("acme", "shop", 1))],
        ]
    };
    for missing in [end_token("acme", 99, 1), end_token("acme", 2, 2), end_token("rival", 2, 1)] {
        assert_eq!(node.conflicts(units(missing)).await, vec![3]);
    }
    assert_eq!(store.find_token(&tenant("acme"), &token(4)).await.unwrap(), None);
    node.commit(units(end_token("acme", 2, 1))).await;
    for (number, row_version) in [(1, 2), (2, 2), (3, 1), (4, 1)] {
        let row = store.find_token(&tenant("acme"), &token(number)).await.unwrap().unwrap();
        assert_eq!(row.row_version, row_version);
    }
    let found = store.find_fingerprints(&tenant("acme"), &[moved.key]).await.unwrap();
    assert_eq!(found, vec![fingerprint("acme", 1, 2, true)]);
}

pub(super) async fn there_is_no_change_without_a_record(store: Arc<dyn Store>) {
    let unit = || vec![vec![insert_token("acme", 1)]];
    let without = async |batch: Batch| matches!(store.commit(&batch).await, Err(CommitError::NotWritten(_)));
    assert!(without(batch("node-1", 0, 0, unit())).await);
    assert!(without(batch("node-1", 0, 0, vec![])).await);
    // No database counts this far.
    for first in [u64::MAX, u64::try_from(i64::MAX).unwrap()] {
        let mut beyond = batch("node-1", 0, 1, unit());
        beyond.bundle.first_sequence = first;
        assert!(without(beyond).await);
    }
    assert_eq!(store.find_token(&tenant("acme"), &token(1)).await.unwrap(), None);
    assert!(store.streams().await.unwrap().is_empty());
    store.commit(&batch("node-1", 0, 1, unit())).await.unwrap();
}

pub(super) async fn streams_do_not_disturb_each_other(store: Arc<dyn Store>) {
    store.commit(&batch("node-1", 0, 3, vec![])).await.unwrap();
    store.commit(&batch("node-2", 0, 5, vec![])).await.unwrap();
    store.commit(&batch("node-1", 3, 1, vec![])).await.unwrap();
    assert_eq!(store.stream_head("node-1").await.unwrap().unwrap().size, 4);
    assert_eq!(store.stream_head("node-2").await.unwrap().unwrap().size, 5);
}
