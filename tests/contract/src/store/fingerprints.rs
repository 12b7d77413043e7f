//! Fingerprints.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Effect, FingerprintKey, FingerprintRow};

use super::samples::{Node, fingerprint, fingerprint_key, tenant, token};

pub(super) async fn fingerprints_lead_to_their_tokens(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let scoped = FingerprintRow { key: fingerprint_key(Some("eu"), 3, 9), ..fingerprint("acme", 9, 2, true) };
    let rows = [fingerprint("acme", 1, 1, true), scoped, fingerprint("acme", 2, 3, false)];
    node.commit(rows.iter().map(|row| vec![Effect::InsertFingerprint(row.clone())]).collect()).await;
    for row in &rows {
        let found = store.find_fingerprints(&row.tenant, std::slice::from_ref(&row.key)).await.unwrap();
        assert_eq!(found, vec![row.clone()]);
    }
    assert!(store.find_fingerprints(&tenant("acme"), &[]).await.unwrap().is_empty());
    assert!(
        store.find_fingerprints(&tenant("acme"), &[fingerprint_key(None, 1, 77)]).await.unwrap().is_empty()
    );
}

pub(super) async fn scope_version_and_tenant_keep_fingerprints_apart(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let keys = [
        fingerprint_key(None, 1, 1),
        fingerprint_key(Some("eu"), 1, 1),
        fingerprint_key(Some("us"), 1, 1),
        fingerprint_key(None, 2, 1),
        fingerprint_key(None, 1, 2),
    ];
    let rows: Vec<FingerprintRow> = ["acme", "rival"]
        .into_iter()
        .flat_map(|name| keys.iter().map(move |key| (name, key)))
        .zip(1..)
        .map(|((name, key), number)| FingerprintRow {
            key: key.clone(),
            ..fingerprint(name, 1, number, true)
        })
        .collect();
    node.commit(rows.iter().map(|row| vec![Effect::InsertFingerprint(row.clone())]).collect()).await;
    for row in &rows {
        let found = store.find_fingerprints(&row.tenant, std::slice::from_ref(&row.key)).await.unwrap();
        assert_eq!(found, vec![row.clone()]);
        assert!(
            store
                .find_fingerprints(&tenant("stranger"), std::slice::from_ref(&row.key))
                .await
                .unwrap()
                .is_empty()
        );
    }
}

pub(super) async fn a_deterministic_fingerprint_exists_once(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = fingerprint("acme", 1, 1, true);
    node.commit(vec![vec![Effect::InsertFingerprint(row.clone())]]).await;
    let other_token = FingerprintRow { token: token(2), ..row.clone() };
    for again in [row.clone(), other_token] {
        assert_eq!(node.conflicts(vec![vec![Effect::InsertFingerprint(again)]]).await, vec![0]);
    }
    assert_eq!(
        store.find_fingerprints(&row.tenant, std::slice::from_ref(&row.key)).await.unwrap(),
        vec![row]
    );
}

pub(super) async fn random_fingerprints_may_be_many(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let random: Vec<FingerprintRow> = (1..=5).map(|number| fingerprint("acme", 1, number, false)).collect();
    node.commit(random.iter().map(|row| vec![Effect::InsertFingerprint(row.clone())]).collect()).await;
    // The deterministic token of a value may stand beside them, and the same row twice is one row.
    let deterministic = fingerprint("acme", 1, 1, true);
    node.commit(vec![vec![Effect::InsertFingerprint(deterministic.clone())]]).await;
    node.commit(random.iter().map(|row| vec![Effect::InsertFingerprint(row.clone())]).collect()).await;
    let mut expected = random;
    expected.push(deterministic);
    let found = store.find_fingerprints(&tenant("acme"), &[fingerprint_key(None, 1, 1)]).await.unwrap();
    assert_eq!(found.len(), expected.len());
    assert!(expected.iter().all(|row| found.contains(row)));
}

pub(super) async fn a_fingerprint_can_move_to_another_token(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let old = fingerprint("acme", 1, 1, true);
    let new = fingerprint("acme", 1, 2, true);
    node.commit(vec![vec![Effect::InsertFingerprint(old.clone())]]).await;
    node.commit(vec![vec![Effect::DeleteFingerprint(old), Effect::InsertFingerprint(new.clone())]]).await;
    assert_eq!(
        store.find_fingerprints(&new.tenant, std::slice::from_ref(&new.key)).await.unwrap(),
        vec![new]
    );
}

pub(super) async fn deleting_what_is_gone_changes_nothing(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = fingerprint("acme", 1, 1, true);
    node.commit(vec![vec![Effect::InsertFingerprint(row.clone())]]).await;
    let near_misses = [
        FingerprintRow { token: token(2), ..row.clone() },
        FingerprintRow { deterministic: false, ..row.clone() },
        FingerprintRow { tenant: tenant("rival"), ..row.clone() },
        FingerprintRow { key: fingerprint_key(None, 2, 1), ..row.clone() },
    ];
    node.commit(near_misses.into_iter().map(|row| vec![Effect::DeleteFingerprint(row)]).collect()).await;
    assert_eq!(
        store.find_fingerprints(&row.tenant, std::slice::from_ref(&row.key)).await.unwrap(),
        vec![row.clone()]
    );
    for _ in 0..2 {
        node.commit(vec![vec![Effect::DeleteFingerprint(row.clone())]]).await;
        assert!(
            store.find_fingerprints(&row.tenant, std::slice::from_ref(&row.key)).await.unwrap().is_empty()
        );
    }
}

pub(super) async fn many_fingerprints_are_found_at_once(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let rows = (0..=200).map(|value| fingerprint("acme", value, u64::from(value), value % 2 == 0));
    node.commit(rows.map(|row| vec![Effect::InsertFingerprint(row)]).collect()).await;
    for count in [1_u8, 3, 199, 255] {
        let keys: Vec<FingerprintKey> =
            (0..count).chain(0..count).chain(0..count).map(|value| fingerprint_key(None, 1, value)).collect();
        let found = store.find_fingerprints(&tenant("acme"), &keys).await.unwrap();
        assert_eq!(found.len(), usize::from(count.min(201)));
    }
}
