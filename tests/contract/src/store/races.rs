//! Many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{CommitError, Effect, TokenFilter};
use tokio::task::JoinSet;

use super::samples::{Node, batch, end_token, fingerprint, insert_token, tenant, token};

/// Commits each unit as a node of its own, all at the same time; counts those that went through. The others must have
/// been told of a conflict.
async fn winners(store: &Arc<dyn Store>, units: impl Iterator<Item = Vec<Effect>>) -> usize {
    let mut tasks = JoinSet::new();
    for (position, unit) in units.enumerate() {
        let store = Arc::clone(store);
        let batch = batch(&format!("racer-{position}"), 0, 1, vec![unit]);
        tasks.spawn(async move { store.commit(&batch).await });
    }
    let mut winners = 0;
    while let Some(result) = tasks.join_next().await {
        match result.unwrap() {
            Ok(()) => winners += 1,
            refused => assert_eq!(refused, Err(CommitError::Conflict(vec![0]))),
        }
    }
    winners
}

pub(super) async fn one_of_many_deterministic_tokens_wins(store: Arc<dyn Store>) {
    let row = |number| fingerprint("acme", 1, number, true);
    let units =
        (0..64).map(|number| vec![insert_token("acme", number), Effect::InsertFingerprint(row(number))]);
    assert_eq!(winners(&store, units).await, 1);
    let found = store.find_fingerprints(&tenant("acme"), &[row(0).key]).await.unwrap();
    let listed = store.list_tokens(&tenant("acme"), &TokenFilter::default(), None, 100).await.unwrap();
    let leads_to: Vec<_> = found.into_iter().map(|row| row.token).collect();
    assert_eq!(leads_to, listed.into_iter().map(|row| row.token).collect::<Vec<_>>());
    assert_eq!(store.streams().await.unwrap().len(), 1);
}

pub(super) async fn one_of_many_endings_wins(store: Arc<dyn Store>) {
    Node::new(&store, "node-1").commit(vec![vec![insert_token("acme", 1)]]).await;
    assert_eq!(winners(&store, (0..64).map(|_| vec![end_token("acme", 1, 1)])).await, 1);
    assert_eq!(store.find_token(&tenant("acme"), &token(1)).await.unwrap().unwrap().row_version, 2);
}

/// As many nodes, or lanes of one, as there may be: none waits for another's numbers or sees its own go amiss.
pub(super) async fn streams_are_written_side_by_side(store: Arc<dyn Store>) {
    let mut tasks = JoinSet::new();
    for lane in 0..8_u64 {
        let node = Node::new(&store, &format!("node-1.{lane}"));
        tasks.spawn(async move {
            for round in 0..20 {
                let units = if round % 2 == 0 {
                    vec![]
                } else {
                    vec![vec![insert_token("acme", lane * 100 + round)]]
                };
                node.commit(units).await;
            }
        });
    }
    tasks.join_all().await;
    for lane in 0..8 {
        let bundles = store.read_bundles(&format!("node-1.{lane}"), 0, 100).await.unwrap();
        let firsts: Vec<u64> = bundles.iter().map(|bundle| bundle.first_sequence).collect();
        assert_eq!(firsts, (0..20).collect::<Vec<_>>());
    }
    assert_eq!(
        store.list_tokens(&tenant("acme"), &TokenFilter::default(), None, 1000).await.unwrap().len(),
        80
    );
    assert_eq!(store.streams().await.unwrap().len(), 8);
}

/// Two processes that take themselves for the same node: a number is given once.
pub(super) async fn one_of_many_continuations_wins(store: Arc<dyn Store>) {
    for first in 0..5_u64 {
        let mut tasks = JoinSet::new();
        for racer in 0..16 {
            let store = Arc::clone(&store);
            let units =
                if racer % 2 == 0 { vec![] } else { vec![vec![insert_token("acme", first * 16 + racer)]] };
            tasks.spawn(async move { store.commit(&batch("node-1", first, 1, units)).await });
        }
        let outcomes = tasks.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let fenced = Err(CommitError::Fenced);
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() || *outcome == fenced));
    }
    let bundles = store.read_bundles("node-1", 0, 100).await.unwrap();
    assert!(bundles.iter().map(|bundle| bundle.first_sequence).eq(0..5));
    assert!(store.list_tokens(&tenant("acme"), &TokenFilter::default(), None, 100).await.unwrap().len() <= 5);
}

pub(super) async fn readers_see_whole_commits(store: Arc<dyn Store>) {
    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (store, done) = (Arc::clone(&store), Arc::clone(&done));
        tokio::spawn(async move {
            while !done.load(Ordering::SeqCst) {
                let tokens =
                    store.list_tokens(&tenant("acme"), &TokenFilter::default(), None, 10_000).await.unwrap();
                assert_eq!(tokens.len() % 10, 0);
                tokio::task::yield_now().await;
            }
        })
    };
    let node = Node::new(&store, "node-1");
    for round in 0..30 {
        node.commit((0..10).map(|number| vec![insert_token("acme", round * 10 + number)]).collect()).await;
        // What was written is there for whoever reads next.
        assert!(store.find_token(&tenant("acme"), &token(round * 10)).await.unwrap().is_some());
        tokio::task::yield_now().await;
    }
    done.store(true, Ordering::SeqCst);
    reader.await.unwrap();
}

/// A caller that goes away half-way leaves a batch that is written or not, and a store that goes on.
pub(super) async fn a_dropped_commit_does_no_harm(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    for round in 0..40_u64 {
        let units = (0..50).map(|number| vec![insert_token("acme", round * 50 + number)]).collect();
        let batch = node.batch(units).await;
        let patience = Duration::from_micros(round * 100);
        let answered = tokio::time::timeout(patience, store.commit(&batch)).await;
        if let Ok(result) = answered {
            assert_eq!(result, Ok(()));
        }
        store.check().await.unwrap();
        let size = store.stream_head("node-1").await.unwrap().map_or(0, |head| head.size);
        let listed = store.list_tokens(&tenant("acme"), &TokenFilter::default(), None, 10_000).await.unwrap();
        assert_eq!(listed.len() as u64, size);
    }
    node.commit(vec![vec![insert_token("rival", 1)]]).await;
}
