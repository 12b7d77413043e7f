//! Appointments begin, end and are told apart at the next request, and none joins what must stay apart.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::RegistryRow;
use strongroom_core::{Vault, VaultError};
use strongroom_domain::{Reveal, Role, Timestamp};

use crate::asking::{answer, appoint, card, card_number, detokenize, make_known, token_for, tokenize_one};
use crate::watched_store::WatchedStore;
use crate::world::{World, call, service, settings};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_new_identity_may_nothing_until_it_is_appointed_and_nothing_once_that_is_taken_back() {
    let world = World::open().await;
    make_known(&world.vault, "shop", None).await.unwrap();
    assert_eq!(tries(&world.vault, "shop").await, Err(VaultError::PermissionDenied));
    let grant = appoint(&world.vault, "shop", Role::Tokenizer, None).await.unwrap();
    assert_eq!(tries(&world.vault, "shop").await, Ok(()));
    let admin = call("acme", "identity-admin");
    let view = world.vault.revoke_grant(&admin, &service("shop"), grant.id).await.unwrap();
    assert_eq!(view.grants[0].revoked_by, Some(admin.principal.id.to_string()));
    assert_eq!(tries(&world.vault, "shop").await, Err(VaultError::PermissionDenied));
}

#[tokio::test]
async fn a_disabled_identity_may_nothing_any_more() {
    let world = World::open().await;
    assert_eq!(tries(&world.vault, "tokenizer").await, Ok(()));
    let admin = call("acme", "identity-admin");
    let view = world.vault.disable_identity(&admin, &service("tokenizer")).await.unwrap();
    assert!(view.disabled_at.is_some());
    assert_eq!(tries(&world.vault, "tokenizer").await, Err(VaultError::PermissionDenied));
    let again = make_known(&world.vault, "tokenizer", None).await;
    assert_eq!(again, Err(VaultError::AlreadyExists));
    let other_tenant = tokenize_one(&world.vault, &call("globex", "tokenizer"), card(&card_number(2))).await;
    assert!(other_tenant.is_ok());
}

#[tokio::test]
async fn identities_and_grants_end_with_their_time() {
    let world = World::open().await;
    let end = world.vault.now().plus(MINUTE);
    make_known(&world.vault, "guest", Some(end)).await.unwrap();
    appoint(&world.vault, "guest", Role::Tokenizer, None).await.unwrap();
    make_known(&world.vault, "shop", None).await.unwrap();
    appoint(&world.vault, "shop", Role::Tokenizer, Some(end)).await.unwrap();
    world.clock.advance(MINUTE - Duration::from_millis(1));
    for name in ["guest", "shop"] {
        assert_eq!(tries(&world.vault, name).await, Ok(()));
    }
    world.clock.advance(Duration::from_millis(1));
    for name in ["guest", "shop"] {
        assert_eq!(tries(&world.vault, name).await, Err(VaultError::PermissionDenied));
    }
    let past = appoint(&world.vault, "shop", Role::Tokenizer, Some(end)).await;
    assert_eq!(past.err(), Some(VaultError::Invalid("expires_at must be in the future")));
}

#[tokio::test]
async fn data_and_administration_are_not_joined() {
    let world = World::open().await;
    let refused = VaultError::Invalid("one identity cannot hold a data role and an administration role");
    for (held, wanted) in [("tokenizer", Role::KeyAdmin), ("key-admin", Role::Decryptor)] {
        assert_eq!(appoint(&world.vault, held, wanted, None).await.err(), Some(refused.clone()));
    }
    assert_eq!(
        appoint(&world.vault, "tokenizer", Role::Tokenizer, None).await,
        Err(VaultError::AlreadyExists)
    );
    assert!(appoint(&world.vault, "tokenizer", Role::Detokenizer, None).await.is_ok());
}

#[tokio::test]
async fn nobody_appoints_or_ends_themselves() {
    let world = World::open().await;
    let own = "identity-admin";
    let admin = call("acme", own);
    assert_eq!(appoint(&world.vault, own, Role::Auditor, None).await, Err(VaultError::PermissionDenied));
    let view = world.vault.get_identity(&admin, &service(own)).await.unwrap();
    assert_eq!(view.grants.len(), 1);
    let revoked = world.vault.revoke_grant(&admin, &service(own), view.grants[0].id).await.err();
    assert_eq!(revoked, Some(VaultError::PermissionDenied));
    let disabled = world.vault.disable_identity(&admin, &service(own)).await.err();
    assert_eq!(disabled, Some(VaultError::PermissionDenied));
}

#[tokio::test]
async fn the_last_use_of_an_identity_is_noted() {
    let world = World::open().await;
    world.clock.advance(MINUTE);
    let used_at = world.vault.now();
    assert_eq!(tries(&world.vault, "tokenizer").await, Ok(()));
    let seen = world.vault.get_identity(&call("acme", "auditor"), &service("tokenizer")).await.unwrap();
    assert_eq!((seen.last_used_at, seen.grants[0].last_used_at), (Some(used_at), Some(used_at)));
    assert_eq!(last_uses(&world.store, "tokenizer").await, (None, vec![(Role::Tokenizer, None)]));
    world.vault.close().await.unwrap();
    let noted = last_uses(&world.store, "tokenizer").await;
    assert_eq!(noted, (Some(used_at), vec![(Role::Tokenizer, Some(used_at))]));
    assert_eq!(last_uses(&world.store, "gateway").await, (None, vec![(Role::Gateway, None)]));
}

#[tokio::test]
async fn each_grant_is_noted_even_if_another_was_used_a_moment_before() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let grant = appoint(&world.vault, "tokenizer", Role::Detokenizer, None).await.unwrap();
    let both = call("acme", "tokenizer");
    detokenize(&world.vault, &both, &token, Reveal::Masked).await.unwrap();
    let seen = world.vault.get_identity(&call("acme", "auditor"), &service("tokenizer")).await.unwrap();
    let its_grant = seen.grants.iter().find(|shown| shown.id == grant.id).unwrap();
    assert_eq!(its_grant.last_used_at, Some(world.vault.now()));
    world.vault.close().await.unwrap();
    let (_, grants) = last_uses(&world.store, "tokenizer").await;
    assert!(grants.iter().all(|(_, at)| at.is_some()), "{grants:?}");
}

#[tokio::test]
async fn a_use_is_not_forgotten_when_another_node_changes_the_registry() {
    let world = World::open().await;
    let polling =
        strongroom_core::Settings { registry_poll_interval: Duration::from_millis(5), ..settings("node-2") };
    let other = world.start(polling).await.unwrap();
    assert_eq!(tries(&other, "tokenizer").await, Ok(()));
    let used_at = other.now();
    make_known(&world.vault, "shop", None).await.unwrap();
    while other.get_identity(&call("acme", "auditor"), &service("shop")).await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    other.close().await.unwrap();
    assert_eq!(last_uses(&world.store, "tokenizer").await.0, Some(used_at));
}

#[tokio::test]
async fn reasons_are_one_line_and_bounded() {
    let world = World::open().await;
    for reason in ["", "two\nlines", &"a".repeat(257)] {
        let identity = strongroom_core::NewIdentity {
            service: service("shop"),
            reason: reason.to_owned(),
            expires_at: None,
        };
        let caller = call("acme", "identity-admin");
        let refusal = world.vault.create_identity(&caller, identity, None, |_| answer("")).await;
        assert!(matches!(refusal.err(), Some(VaultError::Invalid(_))));
    }
}

/// Whether a service of acme's can tokenize.
async fn tries(vault: &Vault, name: &str) -> Result<(), VaultError> {
    tokenize_one(vault, &call("acme", name), card(&card_number(7))).await.map(drop)
}

/// When an identity of acme's and its grants were last used, as the database has it.
async fn last_uses(store: &WatchedStore, name: &str) -> (Option<Timestamp>, Vec<(Role, Option<Timestamp>)>) {
    let (acme, name) = (crate::world::tenant("acme"), service(name));
    let mut identity = None;
    let mut grants = Vec::new();
    for row in store.load_registry().await.unwrap().unwrap().rows {
        match row {
            RegistryRow::Identity(row) if row.row.tenant == acme && row.row.service == name => {
                identity = row.row.last_used_at;
            }
            RegistryRow::Grant(row) if row.row.tenant == acme && row.row.service == name => {
                grants.push((row.row.role, row.row.last_used_at));
            }
            _ => {}
        }
    }
    (identity, grants)
}
