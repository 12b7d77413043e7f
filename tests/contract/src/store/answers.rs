//! Stored answers.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{AnswerRow, Effect};
use strongroom_domain::IdempotencyKey;

use super::samples::{Node, at, service, tenant, version};

/// An answer given at `number`.
pub(super) fn answer(tenant_name: &str, service_name: &str, number: u64) -> AnswerRow {
    AnswerRow {
        tenant: tenant(tenant_name),
        service: service(service_name),
        key: IdempotencyKey::parse(&format!("Order:{number:08}")).unwrap(),
        key_version: version(3),
        request_digest: [9; 32],
        answer: format!("sealed answer {number} to {service_name} of {tenant_name}").into_bytes(),
        created_at: at(number),
    }
}

pub(super) async fn an_answer_comes_back_as_it_went_in(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = answer("acme", "shop", 1);
    node.commit(vec![vec![Effect::InsertAnswer(row.clone())]]).await;
    assert_eq!(store.find_answer(&row.tenant, &row.service, &row.key).await.unwrap(), Some(row));
}

pub(super) async fn an_answer_is_kept_once(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = answer("acme", "shop", 1);
    node.commit(vec![vec![Effect::InsertAnswer(row.clone())]]).await;
    let other = AnswerRow { answer: b"another".to_vec(), request_digest: [1; 32], ..row.clone() };
    assert_eq!(node.conflicts(vec![vec![Effect::InsertAnswer(other)]]).await, vec![0]);
    assert_eq!(store.find_answer(&row.tenant, &row.service, &row.key).await.unwrap(), Some(row));
}

pub(super) async fn callers_do_not_see_each_others_answers(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let rows = [answer("acme", "shop", 1), answer("acme", "billing", 1), answer("rival", "shop", 1)];
    node.commit(rows.iter().map(|row| vec![Effect::InsertAnswer(row.clone())]).collect()).await;
    for row in rows {
        assert_eq!(store.find_answer(&row.tenant, &row.service, &row.key).await.unwrap(), Some(row));
    }
    let stranger = answer("rival", "billing", 1);
    assert_eq!(store.find_answer(&stranger.tenant, &stranger.service, &stranger.key).await.unwrap(), None);
}

pub(super) async fn an_answer_under_way_is_completed_once_and_by_its_own_request(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let pending = answer("acme", "shop", 1);
    let done = AnswerRow { answer: b"done".to_vec(), created_at: at(9), ..pending.clone() };
    let early = node.conflicts(vec![vec![Effect::CompleteAnswer(done.clone())]]).await;
    assert_eq!(early, vec![0], "there is none to complete");
    node.commit(vec![vec![Effect::InsertAnswer(pending.clone())]]).await;
    let other = AnswerRow { request_digest: [1; 32], ..done.clone() };
    assert_eq!(node.conflicts(vec![vec![Effect::CompleteAnswer(other)]]).await, vec![0]);
    // Beside a change of another caller's, in one transaction.
    let neighbour = answer("acme", "billing", 1);
    node.commit(vec![
        vec![Effect::CompleteAnswer(done.clone())],
        vec![Effect::InsertAnswer(neighbour.clone())],
    ])
    .await;
    let found = store.find_answer(&done.tenant, &done.service, &done.key).await.unwrap();
    assert_eq!(found, Some(AnswerRow { created_at: pending.created_at, ..done }));
    let untouched = store.find_answer(&neighbour.tenant, &neighbour.service, &neighbour.key).await.unwrap();
    assert_eq!(untouched, Some(neighbour));
}

pub(super) async fn an_answer_under_way_can_be_released(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let (row, neighbour) = (answer("acme", "shop", 1), answer("rival", "shop", 1));
    let release = || Effect::ReleaseAnswer {
        tenant: row.tenant.clone(),
        service: row.service.clone(),
        key: row.key.clone(),
    };
    node.commit(vec![vec![Effect::InsertAnswer(row.clone()), Effect::InsertAnswer(neighbour.clone())]]).await;
    node.commit(vec![vec![release()]]).await;
    assert_eq!(store.find_answer(&row.tenant, &row.service, &row.key).await.unwrap(), None);
    let kept = store.find_answer(&neighbour.tenant, &neighbour.service, &neighbour.key).await.unwrap();
    assert_eq!(kept, Some(neighbour));
    node.commit(vec![vec![release()]]).await;
    node.commit(vec![vec![Effect::InsertAnswer(row.clone())]]).await;
    // In one batch the order of the units decides.
    node.commit(vec![vec![release()], vec![Effect::InsertAnswer(row.clone())]]).await;
    assert_eq!(store.find_answer(&row.tenant, &row.service, &row.key).await.unwrap(), Some(row));
}

pub(super) async fn old_answers_are_forgotten_oldest_first(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let rows: Vec<AnswerRow> = (1..=10).map(|number| answer("acme", "shop", number)).collect();
    node.commit(rows.iter().rev().map(|row| vec![Effect::InsertAnswer(row.clone())]).collect()).await;
    assert_eq!(store.forget_answers(at(6), 3).await.unwrap(), 3);
    assert_eq!(kept(&store, &rows).await, 4..=10);
    assert_eq!(store.forget_answers(at(6), 3).await.unwrap(), 2);
    assert_eq!(kept(&store, &rows).await, 6..=10);
    assert_eq!(store.forget_answers(at(6), 3).await.unwrap(), 0);
    // A forgotten key is free again.
    node.commit(rows.iter().take(1).map(|row| vec![Effect::InsertAnswer(row.clone())]).collect()).await;
}

/// The numbers of the answers that are still there, which must be without a gap.
async fn kept(store: &Arc<dyn Store>, rows: &[AnswerRow]) -> std::ops::RangeInclusive<usize> {
    let mut numbers = Vec::new();
    for (row, number) in rows.iter().zip(1..) {
        if store.find_answer(&row.tenant, &row.service, &row.key).await.unwrap().is_some() {
            numbers.push(number);
        }
    }
    let (first, last) = (*numbers.first().unwrap(), *numbers.last().unwrap());
    assert_eq!(numbers, (first..=last).collect::<Vec<_>>());
    first..=last
}
