//! Who may not, does not; and that it was tried is on record.

use strongroom_core::{DetokenizeRequest, VaultError};
use strongroom_domain::{DetokenizationPurpose, Reveal, SpiffeId, TrustDomain};

use crate::asking::{card, card_number, detokenization, search, token_for, tokenize_one};
use crate::world::{World, call, call_by, service, tenant};

#[tokio::test]
async fn a_refusal_is_on_record() {
    let world = World::open().await;
    let caller = call("acme", "auditor");
    let refusal = tokenize_one(&world.vault, &caller, card(&card_number(1))).await.err();
    assert_eq!(refusal, Some(VaultError::PermissionDenied));
    assert_eq!(world.store.tokens_written(), 0);

    let kept = world.records_of(&caller).await;
    assert_eq!(kept.len(), 1);
    let record = &kept[0];
    assert_eq!((record.action.as_str(), record.outcome.as_str()), ("token.create", "permission_denied"));
    assert_eq!(record.tenant, tenant("acme"));
    assert_eq!(record.actor, "spiffe://example.org/tenant/acme/service/auditor");
    assert_eq!(record.certificate.as_deref(), Some("010203"));
    for auditor in [call("acme", "auditor"), call("platform", "auditor")] {
        assert_eq!(search(&world.vault, &auditor, &caller).await, kept);
    }
    assert_eq!(search(&world.vault, &call("globex", "auditor"), &caller).await, []);
}

#[tokio::test]
async fn a_purpose_that_the_role_may_not_state_is_refused_and_recorded() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let request = DetokenizeRequest {
        purpose: DetokenizationPurpose::Migration,
        ..detokenization(&[&token], Reveal::Full)
    };
    let caller = call("acme", "detokenizer");
    let refusal = world.vault.detokenize(&caller, &request).await.err();
    assert_eq!(refusal, Some(VaultError::PurposeDenied));
    let records = world.records_of(&caller).await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].outcome, "purpose_denied");
    assert_eq!(records[0].object.as_deref(), Some(token.as_str()));
    assert_eq!(records[0].purpose.as_deref(), Some("migration"));
    assert_eq!(records[0].reveal.as_deref(), Some("full"));
}

#[tokio::test]
async fn whoever_is_not_known_here_may_nothing() {
    let world = World::open().await;
    let elsewhere = TrustDomain::parse("example.com").unwrap();
    let namesake = SpiffeId::new(elsewhere, tenant("acme"), service("tokenizer"));
    for stranger in [call("acme", "nobody"), call("initech", "tokenizer"), call_by(namesake)] {
        let refusal = tokenize_one(&world.vault, &stranger, card(&card_number(1))).await.err();
        assert_eq!(refusal, Some(VaultError::PermissionDenied));
        let records = world.records_of(&stranger).await;
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].actor, stranger.principal.id.to_string());
    }
}

#[tokio::test]
async fn a_request_for_nothing_is_on_record_too() {
    let world = World::open().await;
    crate::asking::create_key(&world.vault, "notes").await.unwrap();
    let caller = call("acme", "encryptor");
    let sealed = world.vault.encrypt(&caller, &crate::asking::key_name("notes"), &[]).await;
    assert_eq!(sealed, Ok(Vec::new()));
    let records = world.records_of(&caller).await;
    assert_eq!(records.iter().map(|record| record.count).collect::<Vec<_>>(), [0]);
}
