//! The registry.

use std::sync::Arc;
use std::time::Duration;

use strongroom_core::ports::store::{
    ClusterRow, Effect, EncryptionKeyRow, GrantId, GrantRow, HoneytokenId, HoneytokenRow, HsmKeyRow,
    IdentityRow, KeyRow, KeyVersionRow, LastUse, ProfileRow, Registered, RegistryHead, RegistryRow,
    TenantRow,
};
use strongroom_core::ports::{HsmKey, HsmKeyKind, KeyCheckValue, Store};
use strongroom_domain::{
    KeptDigits, KeyId, KeyName, KeyPurpose, KeyState, KeyThumbprint, LuhnRule, LuhnStyle, ProfileName,
    Protection, Reuse, Role, ScopeName, ShownDigits, Timestamp, TokenFormat, TokenProfile, TrustDomain,
    ValueFormat, VelocityLimits,
};

use super::samples::{Node, at, service, tenant, version};

pub(super) async fn it_is_empty_before_init(store: Arc<dyn Store>) {
    assert!(store.load_registry().await.unwrap().is_none());
    assert_eq!(store.registry_epoch().await.unwrap(), 0);
}

pub(super) async fn every_row_comes_back_as_it_went_in(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let rows = rows_of_every_kind();
    // Versions first: in which order a unit names its rows does not matter.
    let mut unit: Vec<Effect> = rows.iter().rev().map(put).collect();
    unit.extend([Effect::InsertCluster(cluster()), move_head(0, 1)]);
    node.commit(vec![unit]).await;
    let registry = store.load_registry().await.unwrap().unwrap();
    assert_eq!(registry.cluster, cluster());
    assert_eq!(registry.head, head(1));
    assert_eq!(registry.rows.len(), rows.len());
    assert!(rows.iter().all(|row| registry.rows.contains(row)));
    assert_eq!(store.registry_epoch().await.unwrap(), 1);
}

pub(super) async fn a_row_with_the_same_key_is_replaced(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let before = rows_of_every_kind();
    let mut unit: Vec<Effect> = before.iter().map(put).collect();
    unit.extend([Effect::InsertCluster(cluster()), move_head(0, 1)]);
    node.commit(vec![unit]).await;
    let after: Vec<RegistryRow> = before.into_iter().map(changed).collect();
    let mut unit: Vec<Effect> = after.iter().map(put).collect();
    unit.push(move_head(1, 2));
    node.commit(vec![unit]).await;
    let registry = store.load_registry().await.unwrap().unwrap();
    assert_eq!(registry.head, head(2));
    assert_eq!(registry.rows.len(), after.len());
    assert!(after.iter().all(|row| registry.rows.contains(row)));
}

pub(super) async fn there_is_one_cluster(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let init = || vec![Effect::InsertCluster(cluster()), move_head(0, 1)];
    assert_eq!(node.conflicts(vec![init(), init()]).await, vec![1]);
    node.commit(vec![init()]).await;
    let other = ClusterRow { cluster_id: [2; 16], ..cluster() };
    assert_eq!(node.conflicts(vec![vec![Effect::InsertCluster(other)]]).await, vec![0]);
    assert_eq!(store.load_registry().await.unwrap().unwrap().cluster, cluster());
}

pub(super) async fn the_head_moves_from_the_expected_epoch_only(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    assert_eq!(node.conflicts(vec![vec![move_head(1, 2)]]).await, vec![0]);
    node.commit(vec![vec![move_head(0, 1)]]).await;
    let row = put(&tenant_row("acme"));
    for (expected, next) in [(0, 1), (2, 3), (7, 8)] {
        assert_eq!(node.conflicts(vec![vec![row.clone(), move_head(expected, next)]]).await, vec![0]);
    }
    // Two changes made from the same epoch: the first wins. One after the other: both go through.
    assert_eq!(node.conflicts(vec![vec![move_head(1, 2)], vec![row, move_head(1, 2)]]).await, vec![1]);
    node.commit(vec![vec![move_head(1, 2)], vec![move_head(2, 3)]]).await;
    assert_eq!(store.registry_epoch().await.unwrap(), 3);
    node.commit(vec![vec![Effect::InsertCluster(cluster())]]).await;
    assert!(store.load_registry().await.unwrap().unwrap().rows.is_empty());
}

pub(super) async fn a_key_name_is_unique_in_its_tenant(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![put(&key_row("acme", 1, "cards"))]]).await;
    let namesake = key_row("acme", 2, "cards");
    let units = vec![vec![put(&key_row("rival", 2, "cards"))], vec![put(&namesake)]];
    assert_eq!(node.conflicts(units).await, vec![1]);
    node.commit(vec![vec![put(&key_row("acme", 1, "cards"))], vec![put(&key_row("acme", 2, "fields"))]])
        .await;
}

pub(super) async fn a_version_needs_its_key(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    assert_eq!(node.conflicts(vec![vec![put(&version_row("acme", 1))]]).await, vec![0]);
    node.commit(vec![vec![put(&version_row("acme", 1)), put(&key_row("acme", 1, "cards"))]]).await;
    assert_eq!(node.conflicts(vec![vec![put(&version_row("rival", 1))]]).await, vec![0]);
}

pub(super) async fn times_of_use_never_move_backwards(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    // Of a row that does not exist, nothing is noted.
    store.note_last_use(&[used("acme", "shop", 1, 5)]).await.unwrap();
    let rows = [identity_row("acme", None), grant_row("acme", None)];
    let mut unit: Vec<Effect> = rows.iter().map(put).collect();
    unit.extend([Effect::InsertCluster(cluster()), move_head(0, 1)]);
    node.commit(vec![unit]).await;
    assert_eq!(times_of_use(&store).await, vec![None, None]);
    let uses = [20, 30, 10].map(|moment| used("acme", "shop", 1, moment));
    store.note_last_use(&uses).await.unwrap();
    assert_eq!(times_of_use(&store).await, vec![Some(at(30)); 2]);
    store.note_last_use(&[used("acme", "shop", 1, 25)]).await.unwrap();
    assert_eq!(times_of_use(&store).await, vec![Some(at(30)); 2]);
    // A row written from an older view does not turn it back.
    for older in [None, Some(at(25))] {
        node.commit(vec![vec![put(&identity_row("acme", older)), put(&grant_row("acme", older))]]).await;
        assert_eq!(times_of_use(&store).await, vec![Some(at(30)); 2]);
    }
    let others = [used("rival", "shop", 1, 90), used("acme", "billing", 2, 90)];
    store.note_last_use(&others).await.unwrap();
    assert_eq!(times_of_use(&store).await, vec![Some(at(30)); 2]);
    // Identity and grant are noted each for itself.
    store.note_last_use(&[used("acme", "shop", 2, 91), used("acme", "billing", 1, 92)]).await.unwrap();
    assert_eq!(times_of_use(&store).await, vec![Some(at(91)), Some(at(92))]);
}

fn used(tenant_name: &str, service_name: &str, grant: u8, moment: u64) -> LastUse {
    LastUse {
        tenant: tenant(tenant_name),
        service: service(service_name),
        grants: vec![GrantId([grant; 8])],
        at: at(moment),
    }
}

/// Of the one identity and the one grant there are.
async fn times_of_use(store: &Arc<dyn Store>) -> Vec<Option<Timestamp>> {
    let rows = store.load_registry().await.unwrap().unwrap().rows;
    rows.iter()
        .filter_map(|row| match row {
            RegistryRow::Identity(row) => Some(row.row.last_used_at),
            RegistryRow::Grant(row) => Some(row.row.last_used_at),
            _ => None,
        })
        .collect()
}

fn put(row: &RegistryRow) -> Effect {
    Effect::PutRegistry(Box::new(row.clone()))
}

fn move_head(expected_epoch: u64, next: u64) -> Effect {
    Effect::MoveRegistryHead { expected_epoch, head: head(next) }
}

fn head(epoch: u64) -> RegistryHead {
    RegistryHead { epoch, rows: epoch * 3, digest: [4; 32], mac: [5; 32] }
}

pub(super) fn cluster() -> ClusterRow {
    ClusterRow {
        cluster_id: [1; 16],
        trust_domain: TrustDomain::parse("vault.example").unwrap(),
        created_at: at(1),
    }
}

fn registered<T>(row: T) -> Box<Registered<T>> {
    Box::new(Registered { row, epoch: 1, mac: [6; 32] })
}

/// Every kind of row, with each optional part given and left out, and every name of every enumeration.
fn rows_of_every_kind() -> Vec<RegistryRow> {
    let mut rows = vec![
        tenant_row("acme"),
        key_row("acme", 1, "cards"),
        profile_row("standard", false),
        profile_row("everything-else", true),
        identity_row("acme", None),
        identity_row("rival", Some(at(7))),
        grant_row("rival", Some(at(8))),
        encryption_key_row("acme", 1),
        encryption_key_row("acme", 2),
        encryption_key_row("rival", 1),
        honeytoken_row(1, None),
        honeytoken_row(2, Some("another")),
    ];
    rows.extend(HsmKeyKind::OF_CLUSTER.iter().map(|kind| {
        let check_value = KeyCheckValue(vec![1, 2, 3]);
        let key = HsmKey { kind: *kind, id: [3; 16], label: format!("vault {}", kind.as_str()), check_value };
        RegistryRow::HsmKey(registered(HsmKeyRow { key, created_at: at(2) }))
    }));
    rows.extend(KeyState::ALL.iter().zip(1..).map(|(state, number)| {
        RegistryRow::KeyVersion(registered(KeyVersionRow {
            version: version(number),
            state: *state,
            ..version_of("acme", 1)
        }))
    }));
    rows.extend(Role::ALL.iter().zip(1..).map(|(role, number)| {
        RegistryRow::Grant(registered(GrantRow {
            grant: GrantId([number; 8]),
            role: *role,
            encrypted_only: *role == Role::Detokenizer,
            ..grant("acme")
        }))
    }));
    rows
}

/// The same row with another epoch and MAC, and with another value wherever it has no part in the key.
fn changed(row: RegistryRow) -> RegistryRow {
    #[expect(clippy::boxed_local, reason = "as it stands in the row")]
    fn again<T>(row: Box<Registered<T>>, change: impl FnOnce(T) -> T) -> Box<Registered<T>> {
        Box::new(Registered { row: change(row.row), epoch: 2, mac: [60; 32] })
    }
    match row {
        RegistryRow::HsmKey(row) => RegistryRow::HsmKey(again(row, |mut row| {
            row.key.id = [33; 16];
            row.key.label = "another label".to_owned();
            row.key.check_value = KeyCheckValue(vec![9]);
            HsmKeyRow { created_at: at(99), ..row }
        })),
        RegistryRow::Tenant(row) => {
            RegistryRow::Tenant(again(row, |row| TenantRow { created_at: at(99), ..row }))
        }
        RegistryRow::Key(row) => RegistryRow::Key(again(row, |row| KeyRow {
            name: KeyName::parse("another-name").unwrap(),
            purpose: KeyPurpose::FormatPreserving,
            value_format: ValueFormat::parse("8 12 1 1 0123456789").map(Box::new),
            rotation_days: 1,
            created_at: at(99),
            created_by: "another".to_owned(),
            ..row
        })),
        RegistryRow::KeyVersion(row) => RegistryRow::KeyVersion(again(row, |row| KeyVersionRow {
            state: KeyState::Destroyed,
            wrapped: Vec::new(),
            created_at: at(98),
            state_changed_at: at(99),
            ..row
        })),
        RegistryRow::Profile(row) => {
            RegistryRow::Profile(again(row, |row| ProfileRow { created_by: "another".to_owned(), ..row }))
        }
        RegistryRow::Identity(row) => RegistryRow::Identity(again(row, |row| IdentityRow {
            reason: "another".to_owned(),
            expires_at: None,
            disabled_at: Some(at(99)),
            velocity_limits: VelocityLimits::NONE,
            last_used_at: Some(at(99)),
            ..row
        })),
        RegistryRow::EncryptionKey(row) => RegistryRow::EncryptionKey(again(row, |row| EncryptionKeyRow {
            jwk: "{}".to_owned(),
            reason: "another".to_owned(),
            created_at: at(97),
            created_by: "another".to_owned(),
            expires_at: None,
            revoked_at: Some(at(98)),
            revoked_by: Some("another".to_owned()),
            ..row
        })),
        RegistryRow::Grant(row) => RegistryRow::Grant(again(row, |row| GrantRow {
            encrypted_only: !row.encrypted_only,
            expires_at: None,
            revoked_at: Some(at(98)),
            revoked_by: Some("another".to_owned()),
            last_used_at: Some(at(99)),
            ..row
        })),
        RegistryRow::Honeytoken(row) => RegistryRow::Honeytoken(again(row, |row| HoneytokenRow {
            mark: [11; 32],
            reason: "another".to_owned(),
            created_at: at(98),
            created_by: "another".to_owned(),
            withdrawn_at: Some(at(99)),
            withdrawn_by: Some("another".to_owned()),
            ..row
        })),
    }
}

fn tenant_row(name: &str) -> RegistryRow {
    RegistryRow::Tenant(registered(TenantRow { tenant: tenant(name), created_at: at(2) }))
}

fn key_row(tenant_name: &str, id: u8, name: &str) -> RegistryRow {
    RegistryRow::Key(registered(KeyRow {
        tenant: tenant(tenant_name),
        key_id: KeyId::from_bytes([id; 8]),
        name: KeyName::parse(name).unwrap(),
        purpose: KeyPurpose::Tokenization,
        protection: Protection::Envelope,
        value_format: None,
        rotation_days: 365,
        created_at: at(3),
        created_by: "spiffe://vault.example/tenant/acme/service/admin".to_owned(),
    }))
}

fn version_of(tenant_name: &str, key: u8) -> KeyVersionRow {
    KeyVersionRow {
        tenant: tenant(tenant_name),
        key_id: KeyId::from_bytes([key; 8]),
        version: version(1),
        state: KeyState::Active,
        wrapped: vec![0, 1, 2, 255],
        created_at: at(4),
        state_changed_at: at(5),
    }
}

fn version_row(tenant_name: &str, key: u8) -> RegistryRow {
    RegistryRow::KeyVersion(registered(version_of(tenant_name, key)))
}

fn profile_row(name: &str, other_choices: bool) -> RegistryRow {
    let name = ProfileName::parse(name).unwrap();
    let profile = if other_choices {
        TokenProfile {
            name,
            format: TokenFormat::Card,
            keep: KeptDigits::ZeroFour,
            luhn: LuhnStyle::PrivatePrefix,
            show: ShownDigits::ZeroFour,
            min_card_digits: 16,
            reuse: Reuse::Deterministic,
            scope: Some(ScopeName::parse("eu").unwrap()),
            ttl: Some(Duration::from_secs(86_400)),
            single_use: true,
            reversible: false,
            card_check_digit: LuhnRule::Relaxed,
        }
    } else {
        TokenProfile::standard(name)
    };
    let row =
        ProfileRow { tenant: tenant("acme"), profile, created_at: at(6), created_by: "init".to_owned() };
    RegistryRow::Profile(registered(row))
}

fn identity_row(tenant_name: &str, used: Option<Timestamp>) -> RegistryRow {
    RegistryRow::Identity(registered(IdentityRow {
        tenant: tenant(tenant_name),
        service: service("shop"),
        reason: "takes payments; approved “2026-11”".to_owned(),
        created_at: at(6),
        created_by: "init".to_owned(),
        expires_at: Some(at(800)),
        disabled_at: None,
        velocity_limits: VelocityLimits::parse("reveal=10000/3600 reveal/refund=5/60 search=1/1").unwrap(),
        last_used_at: used,
    }))
}

fn grant(tenant_name: &str) -> GrantRow {
    GrantRow {
        tenant: tenant(tenant_name),
        grant: GrantId([1; 8]),
        service: service("shop"),
        role: Role::Tokenizer,
        encrypted_only: false,
        reason: "takes payments".to_owned(),
        granted_at: at(6),
        granted_by: "init".to_owned(),
        expires_at: Some(at(800)),
        revoked_at: None,
        revoked_by: None,
        last_used_at: None,
    }
}

fn grant_row(tenant_name: &str, used: Option<Timestamp>) -> RegistryRow {
    RegistryRow::Grant(registered(GrantRow { last_used_at: used, ..grant(tenant_name) }))
}

fn encryption_key_row(tenant_name: &str, number: u8) -> RegistryRow {
    let kid = format!("{number:043}");
    RegistryRow::EncryptionKey(registered(EncryptionKeyRow {
        tenant: tenant(tenant_name),
        service: service("shop"),
        kid: KeyThumbprint::parse(&kid).unwrap(),
        jwk: format!("{{\"kid\":\"{kid}\"}}"),
        reason: "opens cards".to_owned(),
        created_at: at(6),
        created_by: "init".to_owned(),
        expires_at: Some(at(800)),
        revoked_at: None,
        revoked_by: None,
    }))
}

fn honeytoken_row(number: u8, withdrawn_by: Option<&str>) -> RegistryRow {
    RegistryRow::Honeytoken(registered(HoneytokenRow {
        tenant: tenant("acme"),
        honeytoken: HoneytokenId([number; 8]),
        mark: [10; 32],
        reason: "beside the cards of the shop".to_owned(),
        created_at: at(7),
        created_by: "watcher".to_owned(),
        withdrawn_at: withdrawn_by.map(|_| at(9)),
        withdrawn_by: withdrawn_by.map(str::to_owned),
    }))
}
