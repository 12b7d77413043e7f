//! Looking for records: all of them, page by page, and only the caller's own.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::AuditFilter;
use strongroom_core::{AuditQuery, Vault, VaultError};
use strongroom_crypto::audit_v1::Event;
use strongroom_domain::Timestamp;

use crate::asking::{card, card_number, token_for, tokenize, tokenize_one};
use crate::world::{NODE, STREAM, World, call, settings, tenant};

#[tokio::test]
async fn pages_hold_every_record_once_newest_first() {
    let world = World::open().await;
    for index in 0..20 {
        token_for(&world.vault, card(&card_number(index))).await;
        if index % 3 == 0 {
            world.clock.advance(Duration::from_millis(1));
        }
    }
    let filter = AuditFilter { action: Some("token.create".to_owned()), ..AuditFilter::default() };
    let mut expected = world.records().await;
    expected.retain(|record| record.action == "token.create");
    expected.reverse();
    assert_eq!(expected.len(), 20);
    for limit in [1, 7, 20, 100] {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let query = AuditQuery { filter: filter.clone(), before, limit };
            let page = world.vault.search_audit(&call("acme", "auditor"), &query).await.unwrap();
            assert!(page.events.len() <= limit as usize);
            found.extend(page.events);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "pages of {limit}");
    }
}

#[tokio::test]
async fn everything_that_is_asked_for_must_match() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    world.clock.advance(Duration::from_secs(60));
    let later = world.vault.now();
    tokenize_one(&world.vault, &call("acme", "gateway"), card(&card_number(1))).await.unwrap_err();
    world.vault.get_token(&call("acme", "gateway"), &token).await.unwrap();
    let none = AuditFilter::default();
    let gateway = Some(call("acme", "gateway").principal.id.to_string());
    let object = Some(token.as_str().to_owned());
    for (filter, outcomes) in [
        (AuditFilter { actor: gateway.clone(), ..none.clone() }, &["success", "permission_denied"][..]),
        (AuditFilter { actor: gateway, object: object.clone(), ..none.clone() }, &["success"]),
        (AuditFilter { object: object.clone(), to: Some(later), ..none.clone() }, &["success"]),
        (AuditFilter { object, ..none.clone() }, &["success", "success"]),
        (
            AuditFilter { outcome: Some("permission_denied".to_owned()), ..none.clone() },
            &["permission_denied"],
        ),
        (AuditFilter { action: Some("token.delete".to_owned()), ..none }, &[]),
    ] {
        let found = search(&world.vault, "acme", filter).await.unwrap();
        assert_eq!(found.iter().map(|record| record.outcome.as_str()).collect::<Vec<_>>(), outcomes);
    }
}

#[tokio::test]
async fn only_the_platforms_auditors_see_more_than_one_tenant() {
    let world = World::open().await;
    for name in ["acme", "globex"] {
        tokenize_one(&world.vault, &call(name, "tokenizer"), card(&card_number(1))).await.unwrap();
    }
    for name in ["acme", "globex"] {
        let found = search(&world.vault, name, AuditFilter::default()).await.unwrap();
        assert!(found.iter().all(|record| record.tenant == tenant(name)));
        assert_eq!(found.iter().filter(|record| record.action == "token.create").count(), 1);
    }
    let all = search(&world.vault, "platform", AuditFilter::default()).await.unwrap();
    assert_eq!(all.iter().filter(|record| record.action == "token.create").count(), 2);
}

#[tokio::test]
async fn what_is_in_segments_and_what_is_not_yet_is_found_alike() {
    let world = World::open().await;
    let caller = call("acme", "tokenizer");
    let mut expected = Vec::new();
    // Three segments and a tail, in pages that cross their borders.
    for batch in 0..7 {
        let cards = (0..500).map(|index| card(&card_number(batch * 500 + index))).collect();
        let tokens = tokenize(&world.vault, &caller, cards).await.unwrap();
        expected.extend(tokens.into_iter().map(|made| made.unwrap().token.token.as_str().to_owned()));
        world.clock.advance(Duration::from_millis(1));
    }
    let tenth = AuditFilter { object: expected.get(10).cloned(), ..AuditFilter::default() };
    assert_eq!(search(&world.vault, "acme", tenth.clone()).await.unwrap().len(), 1);
    assert!(world.store.segmented_until(STREAM).await.unwrap() > 3000, "a search cuts what is due");
    let found = search(&world.vault, "globex", tenth).await.unwrap();
    assert!(found.is_empty(), "another tenant's auditor finds nothing by the same name");
    for number in [0, 499, 500, 1700, 3499] {
        let filter = AuditFilter { object: expected.get(number).cloned(), ..AuditFilter::default() };
        let found = search(&world.vault, "acme", filter).await.unwrap();
        assert_eq!(
            found.iter().map(|record| record.object.as_ref()).collect::<Vec<_>>(),
            [expected.get(number)]
        );
    }
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let filter = AuditFilter { action: Some("token.create".to_owned()), ..AuditFilter::default() };
        let query = AuditQuery { filter, before, limit: 900 };
        let page = world.vault.search_audit(&call("acme", "auditor"), &query).await.unwrap();
        found.extend(page.events.into_iter().filter_map(|event| event.object));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_node_cuts_what_it_writes_and_goes_on_where_it_was_killed() {
    let mut world = World::open().await;
    let caller = call("acme", "tokenizer");
    let mut made = Vec::new();
    // A life that ends well in the midst of a segment, one that is cut off after it filled some, and a third.
    for (life, batches) in [1, 5, 2].into_iter().enumerate() {
        for batch in 0..batches {
            let first = (life * 10 + batch) as u64 * 500;
            let cards = (first..first + 500).map(|index| card(&card_number(index))).collect();
            let tokens = tokenize(&world.vault, &caller, cards).await.unwrap();
            made.extend(tokens.into_iter().map(|made| made.unwrap().token.token.as_str().to_owned()));
            world.clock.advance(Duration::from_millis(1));
        }
        if life != 1 {
            world.vault.clone().close().await.unwrap();
        }
        world.vault = world.start(settings(NODE)).await.unwrap();
    }
    let kept = world.store.segmented_until(STREAM).await.unwrap();
    assert!(kept > 3000, "without any search: {kept}");
    let ever = (Timestamp::from_unix_millis(0), Timestamp::from_unix_millis(i64::MAX));
    let mut segments = world.store.read_segments(ever.0, ever.1, None, 100).await.unwrap();
    segments.sort_by_key(|segment| segment.first_sequence);
    let mut next = 0;
    for segment in &segments {
        assert_eq!(segment.first_sequence, next, "no gap and no overlap");
        assert!(segment.end - next >= 1024);
        next = segment.end;
    }
    for token in made.iter().step_by(311) {
        let filter = AuditFilter { object: Some(token.clone()), ..AuditFilter::default() };
        let found = search(&world.vault, "acme", filter.clone()).await.unwrap();
        let [record] = found.as_slice() else { panic!("{token}: {} records", found.len()) };
        let filter = AuditFilter {
            actor: Some(record.actor.clone()),
            action: Some(record.action.clone()),
            outcome: Some(record.outcome.clone()),
            request_id: Some(record.request_id.clone()),
            ..filter
        };
        assert_eq!(search(&world.vault, "acme", filter).await.unwrap(), found, "by everything at once");
    }
}

async fn search(vault: &Vault, auditors_tenant: &str, filter: AuditFilter) -> Result<Vec<Event>, VaultError> {
    let query = AuditQuery { filter, before: None, limit: 100 };
    vault.search_audit(&call(auditors_tenant, "auditor"), &query).await.map(|found| found.events)
}
