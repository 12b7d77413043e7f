//! Looking for audit records.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{AuditFilter, AuditPosition, IndexRow};

use super::samples::{at, tenant};

/// A record of stream `node-1`; its parts differ with its number, three records share each moment.
pub(super) fn event(tenant_name: &str, sequence: u64) -> IndexRow {
    IndexRow {
        position: AuditPosition { time: at(sequence / 3), stream: "node-1".to_owned(), sequence },
        tenant: tenant(tenant_name),
        actor: format!("actor-{}", sequence % 2),
        action: format!("action-{}", sequence % 3),
        object: (!sequence.is_multiple_of(5)).then(|| format!("object-{}", sequence % 5)),
        outcome: format!("outcome-{}", sequence % 4),
        request_id: format!("req_{:032}", sequence / 2),
    }
}

fn only(change: impl FnOnce(&mut AuditFilter)) -> AuditFilter {
    let mut filter = AuditFilter::default();
    change(&mut filter);
    filter
}

pub(super) async fn each_filter_narrows(store: Arc<dyn Store>) {
    let rows: Vec<IndexRow> = (0..60).map(|sequence| event("acme", sequence)).collect();
    store.index_events("node-1", &rows, 60).await.unwrap();
    let text = |text: &str| Some(text.to_owned());
    type Matches = fn(u64) -> bool;
    let cases: [(AuditFilter, Matches); 10] = [
        (AuditFilter::default(), |_| true),
        (only(|filter| filter.from = Some(at(10))), |sequence| sequence >= 30),
        (only(|filter| filter.to = Some(at(10))), |sequence| sequence < 30),
        (only(|filter| filter.actor = text("actor-1")), |sequence| sequence % 2 == 1),
        (only(|filter| filter.action = text("action-2")), |sequence| sequence % 3 == 2),
        (only(|filter| filter.object = text("object-4")), |sequence| sequence % 5 == 4),
        (only(|filter| filter.outcome = text("outcome-3")), |sequence| sequence % 4 == 3),
        (only(|filter| filter.request_id = Some(format!("req_{:032}", 7))), |sequence| sequence / 2 == 7),
        (only(|filter| filter.actor = text("nobody")), |_| false),
        (
            only(|filter| {
                filter.from = Some(at(2));
                filter.to = Some(at(19));
                filter.actor = text("actor-0");
                filter.object = text("object-1");
            }),
            |sequence| (6..57).contains(&sequence) && sequence % 2 == 0 && sequence % 5 == 1,
        ),
    ];
    for (filter, matches) in cases {
        let expected: Vec<u64> = (0..60).rev().filter(|sequence| matches(*sequence)).collect();
        for scope in [Some(tenant("acme")), None] {
            let found = store.search_events(scope.as_ref(), &filter, None, 100).await.unwrap();
            assert_eq!(found.iter().map(|position| position.sequence).collect::<Vec<_>>(), expected);
        }
    }
}

pub(super) async fn searches_are_paged_newest_first(store: Arc<dyn Store>) {
    let mut rows: Vec<IndexRow> = (0..30).map(|sequence| event("acme", sequence)).collect();
    let mut other_stream = rows.clone();
    other_stream.iter_mut().for_each(|row| row.position.stream = "node-2".to_owned());
    store.index_events("node-1", &rows, 30).await.unwrap();
    store.index_events("node-2", &other_stream, 30).await.unwrap();
    rows.extend(other_stream);
    let filters = [AuditFilter::default(), only(|filter| filter.actor = Some("actor-1".to_owned()))];
    for (filter, scope) in filters.iter().flat_map(|filter| [(filter, None), (filter, Some(tenant("acme")))])
    {
        let wanted = rows.iter().filter(|row| filter.actor.as_ref().is_none_or(|actor| *actor == row.actor));
        let mut expected: Vec<AuditPosition> = wanted.map(|row| row.position.clone()).collect();
        expected.sort_by(|left, right| right.cmp(left));
        for page in [1, 7, 100] {
            let mut found: Vec<AuditPosition> = Vec::new();
            loop {
                let next = store.search_events(scope.as_ref(), filter, found.last(), page).await.unwrap();
                assert!(next.len() <= usize::try_from(page).unwrap());
                if next.is_empty() {
                    break;
                }
                found.extend(next);
            }
            assert_eq!(found, expected);
        }
    }
}

pub(super) async fn tenants_see_their_own_records(store: Arc<dyn Store>) {
    let mut rows: Vec<IndexRow> = (0..20).map(|sequence| event("acme", sequence)).collect();
    rows.extend((20..50).map(|sequence| event("rival", sequence)));
    store.index_events("node-1", &rows, 50).await.unwrap();
    let filters = [
        AuditFilter::default(),
        only(|filter| filter.actor = Some("actor-1".to_owned())),
        only(|filter| filter.object = Some("object-1".to_owned())),
    ];
    for filter in filters {
        let acme = store.search_events(Some(&tenant("acme")), &filter, None, 100).await.unwrap();
        let rival = store.search_events(Some(&tenant("rival")), &filter, None, 100).await.unwrap();
        let all = store.search_events(None, &filter, None, 100).await.unwrap();
        assert!(!acme.is_empty() && acme.iter().all(|position| position.sequence < 20));
        assert!(!rival.is_empty() && rival.iter().all(|position| position.sequence >= 20));
        assert_eq!(all.len(), acme.len() + rival.len());
        assert!(store.search_events(Some(&tenant("stranger")), &filter, None, 100).await.unwrap().is_empty());
    }
    // Whoever knows the id of another tenant's request learns nothing from it.
    let others_request = only(|filter| filter.request_id = Some(format!("req_{:032}", 15)));
    assert!(store.search_events(Some(&tenant("acme")), &others_request, None, 100).await.unwrap().is_empty());
    assert_eq!(
        store.search_events(Some(&tenant("rival")), &others_request, None, 100).await.unwrap().len(),
        2
    );
}
