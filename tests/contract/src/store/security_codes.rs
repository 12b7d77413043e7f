//! Security codes and their keys.

use std::sync::Arc;

use strongroom_core::ports::store::{Effect, SecurityCodeKeyRow, SecurityCodeRow};
use strongroom_core::ports::{HsmKey, HsmKeyKind, KeyCheckValue, Store};
use strongroom_domain::KeyId;

use super::samples::{Node, at, tenant, token};

fn key(period: u32) -> SecurityCodeKeyRow {
    SecurityCodeKeyRow {
        period,
        key_id: KeyId::from_bytes([u8::try_from(period % 200).unwrap(); 8]),
        hsm_key: HsmKey {
            kind: HsmKeyKind::SecurityCode,
            id: [9; 16],
            label: format!("strongroom.code.{period}"),
            check_value: KeyCheckValue(vec![1, 2, 255]),
        },
        wrapped: vec![0, 1, 255],
        created_at: at(u64::from(period)),
        shredding_at: None,
    }
}

fn code(tenant_name: &str, number: u64, period: u32, expires: u64) -> SecurityCodeRow {
    SecurityCodeRow {
        tenant: tenant(tenant_name),
        token: token(number),
        period,
        envelope: format!("sealed {number} {expires}").into_bytes(),
        created_at: at(1),
        expires_at: at(expires),
    }
}

fn insert(row: &SecurityCodeKeyRow) -> Effect {
    Effect::InsertSecurityCodeKey(Box::new(row.clone()))
}

fn put(row: &SecurityCodeRow) -> Effect {
    Effect::PutSecurityCode(Box::new(row.clone()))
}

fn delete(tenant_name: &str, number: u64, expired_by: Option<u64>) -> Effect {
    let expired_by = expired_by.map(at);
    Effect::DeleteSecurityCode { tenant: tenant(tenant_name), token: token(number), expired_by }
}

async fn found(store: &Arc<dyn Store>, tenant_name: &str, number: u64) -> Option<SecurityCodeRow> {
    store.find_security_code(&tenant(tenant_name), &token(number)).await.unwrap()
}

pub(super) async fn a_period_has_one_key(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    assert_eq!(store.security_code_keys().await.unwrap(), []);
    node.commit(vec![vec![insert(&key(8))], vec![insert(&key(7))]]).await;
    assert_eq!(store.security_code_keys().await.unwrap(), [key(7), key(8)]);
    let rival = SecurityCodeKeyRow { key_id: KeyId::from_bytes([1; 8]), wrapped: vec![7], ..key(7) };
    assert_eq!(node.conflicts(vec![vec![insert(&key(9))], vec![insert(&rival)]]).await, [1]);
    assert_eq!(node.conflicts(vec![vec![insert(&key(9))], vec![insert(&key(9))]]).await, [1]);
    assert_eq!(store.security_code_keys().await.unwrap(), [key(7), key(8)]);
}

pub(super) async fn a_card_has_one_code_the_latest(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![insert(&key(7)), insert(&key(8))]]).await;
    let (first, second) = (code("acme", 1, 7, 10), code("acme", 1, 8, 20));
    node.commit(vec![
        vec![put(&first)],
        vec![put(&code("rival", 1, 7, 11))],
        vec![put(&code("acme", 2, 7, 12))],
    ])
    .await;
    assert_eq!(found(&store, "acme", 1).await, Some(first.clone()));
    assert_eq!(found(&store, "rival", 1).await, Some(code("rival", 1, 7, 11)), "a tenant has its own");
    assert_eq!(found(&store, "acme", 3).await, None);
    node.commit(vec![vec![put(&second)]]).await;
    assert_eq!(found(&store, "acme", 1).await, Some(second.clone()));
    // In one batch the later one stays, too.
    node.commit(vec![vec![put(&first)], vec![put(&second)]]).await;
    assert_eq!(found(&store, "acme", 1).await, Some(second));
    node.commit(vec![vec![delete("acme", 1, None)], vec![delete("acme", 3, None)]]).await;
    assert_eq!(found(&store, "acme", 1).await, None);
    assert!(found(&store, "acme", 2).await.is_some() && found(&store, "rival", 1).await.is_some());
}

pub(super) async fn many_codes_are_put_at_once(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let rows: Vec<SecurityCodeRow> = (0..300).map(|number| code("acme", number, 7, number)).collect();
    node.commit(vec![vec![insert(&key(7))]]).await;
    node.commit(vec![rows.iter().map(put).collect()]).await;
    assert_eq!(found(&store, "acme", 299).await.as_ref(), rows.last());
    assert_eq!(store.expired_security_codes(at(1000), 1000).await.unwrap().len(), 300);
    node.commit(vec![(0..300).map(|number| delete("acme", number, Some(298))).collect()]).await;
    assert_eq!(store.expired_security_codes(at(1000), 1000).await.unwrap(), [(tenant("acme"), token(299))]);
}

pub(super) async fn nothing_is_sealed_under_a_key_that_is_closed_or_gone(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    assert_eq!(node.conflicts(vec![vec![], vec![put(&code("acme", 1, 7, 10))]]).await, [1]);
    node.commit(vec![vec![insert(&key(7)), insert(&key(8))]]).await;
    node.commit(vec![vec![put(&code("acme", 1, 7, 10))], vec![put(&code("acme", 2, 8, 10))]]).await;
    node.commit(vec![vec![Effect::CloseSecurityCodeKey { period: 7, at: at(30) }]]).await;
    assert_eq!(found(&store, "acme", 1).await, None, "what is under it goes with it");
    assert!(found(&store, "acme", 2).await.is_some());
    let closed = SecurityCodeKeyRow { shredding_at: Some(at(30)), ..key(7) };
    assert_eq!(store.security_code_keys().await.unwrap(), [closed.clone(), key(8)]);
    let units = vec![vec![put(&code("acme", 3, 8, 10))], vec![put(&code("acme", 1, 7, 10))]];
    assert_eq!(node.conflicts(units).await, [1]);
    assert_eq!(found(&store, "acme", 3).await, None, "all of a batch or nothing");
    node.commit(vec![vec![Effect::CloseSecurityCodeKey { period: 7, at: at(40) }]]).await;
    assert_eq!(store.security_code_keys().await.unwrap().first(), Some(&closed), "it is closed once");
    for _ in 0..2 {
        node.commit(vec![vec![Effect::DeleteSecurityCodeKey { period: 7 }]]).await;
        assert_eq!(store.security_code_keys().await.unwrap(), [key(8)]);
    }
    assert_eq!(node.conflicts(vec![vec![put(&code("acme", 1, 7, 10))]]).await, [0]);
    node.commit(vec![vec![insert(&key(7))]]).await;
}

pub(super) async fn expired_codes_are_found_and_the_new_in_their_place_stay(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![insert(&key(7)), insert(&key(8))]]).await;
    let rows =
        [code("acme", 1, 7, 30), code("rival", 2, 7, 10), code("acme", 3, 7, 20), code("acme", 4, 7, 40)];
    node.commit(rows.iter().map(|row| vec![put(row)]).collect()).await;
    let expired = store.expired_security_codes(at(30), 10).await.unwrap();
    assert_eq!(
        expired,
        [(tenant("rival"), token(2)), (tenant("acme"), token(3)), (tenant("acme"), token(1))]
    );
    assert_eq!(store.expired_security_codes(at(30), 2).await.unwrap().len(), 2);
    for (now, live) in [(39, true), (40, false)] {
        assert_eq!(store.security_codes_live(7, at(now)).await.unwrap(), live, "{now}");
    }
    assert!(!store.security_codes_live(8, at(0)).await.unwrap());
    // Meanwhile another code has come for one of them.
    let fresh = code("acme", 1, 8, 50);
    node.commit(vec![vec![put(&fresh)]]).await;
    let remove = |(tenant, token)| Effect::DeleteSecurityCode { tenant, token, expired_by: Some(at(30)) };
    node.commit(vec![expired.into_iter().map(remove).collect()]).await;
    assert_eq!(found(&store, "acme", 1).await, Some(fresh));
    assert_eq!((found(&store, "rival", 2).await, found(&store, "acme", 3).await), (None, None));
}

pub(super) async fn one_of_many_makers_of_a_key_wins(store: Arc<dyn Store>) {
    let mut makers = Vec::new();
    for number in 0..8_u8 {
        let node = Node::new(&store, &format!("node-{number}"));
        let row = SecurityCodeKeyRow { key_id: KeyId::from_bytes([number; 8]), ..key(7) };
        makers.push(tokio::spawn(async move { node.try_commit(vec![vec![insert(&row)]]).await.is_ok() }));
    }
    let mut won = Vec::new();
    for (number, maker) in (0..).zip(makers) {
        if maker.await.unwrap() {
            won.push(KeyId::from_bytes([number; 8]));
        }
    }
    let kept: Vec<KeyId> = store.security_code_keys().await.unwrap().iter().map(|row| row.key_id).collect();
    assert_eq!((won.len(), won), (1, kept));
}
