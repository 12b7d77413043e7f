//! A vault begins once, on an empty token and an empty database, and starts only with the keys it began with.

use std::sync::Arc;

use strongroom_core::ports::{HsmError, HsmKeyKind, Store};
use strongroom_core::{InitialTenant, StartError, VaultError, initialise};
use strongroom_domain::Role;

use crate::asking::{card, card_number, token_for, tokenize_one};
use crate::watched_store::WatchedStore;
use crate::world::{NODE, World, call, init, initial_tenant, settings, tenant, trust_domain};

#[tokio::test]
async fn a_key_that_is_missing_doubled_or_another_is_no_start() {
    for kind in HsmKeyKind::OF_CLUSTER {
        for (name, fault) in [
            ("missing", (|world, kind| world.hsm.memory.forget_key(kind)) as fn(&World, HsmKeyKind)),
            ("doubled", |world, kind| world.hsm.memory.duplicate_key(kind)),
            ("another", |world, kind| world.hsm.memory.alter_check_value(kind)),
        ] {
            let world = World::open().await;
            world.vault.clone().close().await.unwrap();
            let (created, records) = (world.hsm.created(), world.records().await);
            fault(&world, *kind);
            let refusal = world.start(settings(NODE)).await.err();
            let as_told = match name {
                "missing" => matches!(refusal, Some(StartError::Hsm(HsmError::Missing(_)))),
                "doubled" => matches!(refusal, Some(StartError::Hsm(HsmError::Ambiguous(_)))),
                _ => matches!(refusal, Some(StartError::Hsm(HsmError::NotTheRecordedKey { .. }))),
            };
            assert!(as_told, "{name} {}: {refusal:?}", kind.as_str());
            let again = init(world.ports.clone(), &["acme", "initech"]).await;
            assert!(matches!(again, Err(StartError::Hsm(_))), "nor does init make up for it");
            assert_eq!((world.hsm.created(), world.records().await), (created, records));
        }
    }
}

#[tokio::test]
async fn an_hsm_that_is_away_is_no_start() {
    let world = World::open().await;
    world.vault.clone().close().await.unwrap();
    world.hsm.memory.fail_with(Some(HsmError::Unavailable("told to fail")));
    let refusal = world.start(settings(NODE)).await.err();
    assert!(matches!(refusal, Some(StartError::Hsm(HsmError::Unavailable(_)))), "{refusal:?}");
    world.hsm.memory.fail_with(None);
    assert!(world.start(settings(NODE)).await.is_ok());
}

#[tokio::test]
async fn nothing_is_created_over_a_lost_database() {
    let world = World::open().await;
    let created = world.hsm.created();
    let empty = Arc::new(WatchedStore::new());
    let mut ports = world.ports.clone();
    ports.store = empty.clone();
    let refusal = init(ports.clone(), &["acme"]).await.err();
    assert!(matches!(refusal, Some(StartError::TokenNotEmpty)), "{refusal:?}");
    assert_eq!(world.hsm.created(), created);
    assert!(empty.load_registry().await.unwrap().is_none());
    let refusal = strongroom_core::Vault::open(ports, settings(NODE)).await.err();
    assert!(matches!(refusal, Some(StartError::NotInitialised)), "{refusal:?}");
}

#[tokio::test]
async fn init_again_adds_the_tenants_that_are_missing_and_touches_no_other() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let verifier_key = world.vault.verifier_key();
    world.vault.clone().close().await.unwrap();
    let created = world.hsm.created();
    let before = world.store.load_registry().await.unwrap().unwrap();

    let again = init(world.ports.clone(), &["acme", "initech", "platform"]).await.unwrap();
    assert!(!again.created);
    assert_eq!((again.tenants, again.verifier_key), (vec![tenant("initech")], verifier_key));
    assert_eq!(world.hsm.created(), created);
    let after = world.store.load_registry().await.unwrap().unwrap();
    assert!(before.rows.iter().all(|row| after.rows.contains(row)));

    let vault = world.start(settings(NODE)).await.unwrap();
    assert!(tokenize_one(&vault, &call("initech", "tokenizer"), card(&card_number(1))).await.is_ok());
    assert!(vault.get_token(&call("acme", "tokenizer"), &token).await.is_ok());
    let once_more = {
        vault.close().await.unwrap();
        init(world.ports.clone(), &["acme", "initech"]).await.unwrap()
    };
    assert_eq!(once_more.tenants, []);
}

#[tokio::test]
async fn init_refuses_what_could_not_work_before_it_creates_anything() {
    let world = World::open().await;
    let created = world.hsm.created();
    let mut joined = initial_tenant("initech");
    joined.identities[0].roles = vec![Role::Tokenizer, Role::KeyAdmin];
    let mut unreasoned = initial_tenant("initech");
    unreasoned.identities[0].reason = String::new();
    let mut twice = initial_tenant("initech");
    twice.identities[1].service = twice.identities[0].service.clone();
    let cases: [Vec<InitialTenant>; 4] = [
        vec![joined],
        vec![unreasoned],
        vec![twice],
        vec![initial_tenant("initech"), initial_tenant("initech")],
    ];
    for tenants in cases {
        let refusal =
            initialise(world.ports.clone(), settings("init"), &trust_domain(), &tenants).await.err();
        assert!(matches!(refusal, Some(StartError::Vault(VaultError::Invalid(_)))), "{refusal:?}");
    }
    assert_eq!(world.hsm.created(), created);
    assert!(world.start(settings("node-2")).await.is_ok());
}
