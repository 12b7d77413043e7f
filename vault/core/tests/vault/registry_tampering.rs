//! Whoever writes to the database cannot alter what the vault knows of its keys and callers without being found out.

use strongroom_core::StartError;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Registered, Registry, RegistryRow};
use strongroom_crypto::jwe::RecipientKey;
use strongroom_domain::{KeyState, KeyThumbprint, Role, Secret, Timestamp, TrustDomain};

use crate::asking::{card, card_number, create_key, pair, register, rotate_key, token_for};
use crate::world::{NODE, World, call, service, settings, tenant};

/// Changes a row if it is of the kind; says whether it was.
type Edit = fn(&mut RegistryRow) -> bool;

macro_rules! edit {
    ($name:literal, $kind:ident, |$row:ident| $change:expr) => {
        ($name, |row| {
            let RegistryRow::$kind($row) = row else { return false };
            $change;
            true
        })
    };
}

#[tokio::test]
async fn no_row_of_any_kind_can_be_altered() {
    let world = stopped_world().await;
    let edits: &[(&str, Edit)] = &[
        edit!("hsm key", HsmKey, |row| row.row.created_at = Timestamp::from_unix_millis(0)),
        edit!("tenant", Tenant, |row| row.row.created_at = Timestamp::from_unix_millis(0)),
        edit!("key", Key, |row| row.row.rotation_days += 1),
        edit!("state of a key version", KeyVersion, |row| row.row.state = KeyState::Suspended),
        edit!("material of a key version", KeyVersion, |row| row.row.wrapped.push(0)),
        edit!("profile", Profile, |row| row.row.profile.reversible = false),
        edit!("identity", Identity, |row| row.row.service = service("intruder")),
        edit!("end of an identity", Identity, |row| row.row.expires_at =
            Some(Timestamp::from_unix_millis(1))),
        edit!("role of a grant", Grant, |row| row.row.role = Role::KeyCustodian),
        edit!("tenant of a grant", Grant, |row| row.row.tenant = tenant("initech")),
        edit!("restraint of a grant", Grant, |row| row.row.encrypted_only = !row.row.encrypted_only),
        edit!("encryption key", EncryptionKey, |row| {
            let other = RecipientKey::generate(&Secret::new([9; 48]));
            row.row.kid = KeyThumbprint::parse(other.public().kid()).unwrap();
            row.row.jwk = other.public().to_string();
        }),
        edit!("owner of an encryption key", EncryptionKey, |row| row.row.service = service("auditor")),
        edit!("end of an encryption key", EncryptionKey, |row| row.row.revoked_at = None),
        edit!("epoch of a row", Profile, |row| row.epoch += 1),
        edit!("MAC of a row", Identity, |row| row.mac[0] ^= 1),
    ];
    for (name, edit) in edits {
        let edit = *edit;
        world.store.tamper_registry(move |registry| assert!(registry.rows.iter_mut().any(edit)));
        refuses_to_start(&world, name).await;
    }
    starts_untouched(&world).await;
}

#[tokio::test]
async fn no_row_can_be_left_out_doubled_or_brought_in() {
    let world = stopped_world().await;
    let count = world.store.load_registry().await.unwrap().unwrap().rows.len();
    for left_out in 0..count {
        world.store.tamper_registry(move |registry| drop(registry.rows.remove(left_out)));
        refuses_to_start(&world, "left out").await;
        world.store.tamper_registry(move |registry| registry.rows.push(registry.rows[left_out].clone()));
        refuses_to_start(&world, "doubled").await;
    }
    let other = World::open().await;
    create_key(&other.vault, "planted").await.unwrap();
    let foreign = other.store.load_registry().await.unwrap().unwrap().rows;
    let planted =
        foreign.into_iter().find(|row| matches!(row, RegistryRow::Key(row) if is_planted(row))).unwrap();
    world.store.tamper_registry(move |registry| registry.rows.push(planted.clone()));
    refuses_to_start(&world, "brought in").await;
    starts_untouched(&world).await;
}

#[tokio::test]
async fn no_row_and_no_head_can_be_brought_back_from_before() {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    let before = world.store.load_registry().await.unwrap().unwrap();
    rotate_key(&world.vault, "notes").await.unwrap();
    world.vault.clone().close().await.unwrap();

    let now = world.store.load_registry().await.unwrap().unwrap();
    let (changed, earlier) = now
        .rows
        .iter()
        .find_map(|new| {
            before.rows.iter().find(|old| same_version(new, old) && *old != new).map(|old| (new, old))
        })
        .unwrap();
    let (changed, earlier) = (changed.clone(), earlier.clone());
    world.store.tamper_registry(move |registry| {
        let row = registry.rows.iter_mut().find(|row| **row == changed).unwrap();
        *row = earlier.clone();
    });
    refuses_to_start(&world, "an older row").await;
    let head = before.head;
    world.store.tamper_registry(move |registry| registry.head = head);
    refuses_to_start(&world, "an older head").await;
    for edit in [
        |registry: &mut Registry| registry.head.epoch += 1,
        |registry: &mut Registry| registry.head.rows -= 1,
        |registry: &mut Registry| registry.head.digest[0] ^= 1,
        |registry: &mut Registry| registry.head.mac[0] ^= 1,
    ] {
        world.store.tamper_registry(edit);
        refuses_to_start(&world, "an altered head").await;
    }
    starts_untouched(&world).await;
}

#[tokio::test]
async fn the_cluster_itself_cannot_be_altered() {
    let world = stopped_world().await;
    for edit in [
        |registry: &mut Registry| registry.cluster.cluster_id[0] ^= 1,
        |registry: &mut Registry| registry.cluster.trust_domain = TrustDomain::parse("example.com").unwrap(),
    ] {
        world.store.tamper_registry(edit);
        refuses_to_start(&world, "cluster").await;
    }
    starts_untouched(&world).await;
}

#[tokio::test]
async fn a_running_node_keeps_what_it_knew_when_the_registry_is_rolled_back_or_altered() {
    let world = World::open().await;
    let early = world.store.load_registry().await.unwrap().unwrap();
    create_key(&world.vault, "notes").await.unwrap();
    world.store.tamper_registry(move |registry| *registry = early.clone());
    // A lost race makes the node look again.
    world.store.conflict_next(1);
    let refused = create_key(&world.vault, "letters").await.err();
    assert_eq!(refused, Some(strongroom_core::VaultError::IntegrityFailure));
    let keys = world.vault.list_keys(&call("acme", "key-admin")).await.unwrap();
    assert!(keys.iter().any(|key| key.name.as_str() == "notes"));
}

/// A cluster in which every kind of row stands, and no node running.
async fn stopped_world() -> World {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    rotate_key(&world.vault, "notes").await.unwrap();
    token_for(&world.vault, card(&card_number(1))).await;
    let kid = register(&world.vault, "detokenizer", &pair(1), None).await.unwrap().kid;
    let caller = call("acme", "identity-admin");
    world.vault.revoke_encryption_key(&caller, &service("detokenizer"), &kid).await.unwrap();
    world.vault.clone().close().await.unwrap();
    world
}

async fn refuses_to_start(world: &World, what: &str) {
    let refusal = world.start(settings(NODE)).await.err();
    assert!(matches!(refusal, Some(StartError::RegistryAltered)), "{what}: {refusal:?}");
}

/// So that a refusal above is due to the tampering. When something was last used is under no MAC.
async fn starts_untouched(world: &World) {
    world.store.tamper_registry(|registry| {
        for row in &mut registry.rows {
            if let RegistryRow::Grant(row) = row {
                row.row.last_used_at = Some(Timestamp::from_unix_millis(1));
            }
        }
    });
    assert!(world.start(settings(NODE)).await.is_ok());
}

fn is_planted(row: &Registered<strongroom_core::ports::store::KeyRow>) -> bool {
    row.row.name.as_str() == "planted"
}

fn same_version(one: &RegistryRow, other: &RegistryRow) -> bool {
    match (one, other) {
        (RegistryRow::KeyVersion(one), RegistryRow::KeyVersion(other)) => {
            one.row.key_id == other.row.key_id && one.row.version == other.row.version
        }
        _ => false,
    }
}
