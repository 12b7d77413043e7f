//! The registry as the hot path reads it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use strongroom_crypto::jwe::PublicJwk;
use strongroom_domain::{
    KeyId, KeyName, KeyPurpose, ProfileName, Role, RoleSet, ServiceName, TenantId, Timestamp, TokenProfile,
};

use super::keys::{Key, KeyVersionEntry};
use super::shared_map::SharedMap;
use crate::VaultError;
use crate::ports::store::{
    ClusterRow, EncryptionKeyRow, GrantId, GrantRow, HoneytokenId, HoneytokenRow, HsmKeyRow, IdentityRow,
    KeyRow, KeyVersionRow, ProfileRow, Registered, RegistryHead, RegistryRow, TenantRow,
};
use crate::ports::{HsmKey, HsmKeyKind};

/// The MAC that stands with a row: what a change of the row takes out of the registry's digest.
type Mac = [u8; 32];

/// All of it at one epoch. Never changed: a change makes the next one, which shares with it what stayed the same.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) cluster: ClusterRow,
    pub(crate) head: RegistryHead,
    hsm_keys: HashMap<HsmKeyKind, (HsmKey, Mac)>,
    tenants: SharedMap<TenantId, Arc<TenantState>>,
}

/// One tenant's part.
#[derive(Clone)]
pub(crate) struct TenantState {
    pub(crate) tenant: TenantId,
    mac: Mac,
    keys: SharedMap<KeyName, Arc<Key>>,
    names: SharedMap<KeyId, KeyName>,
    built_in: BTreeMap<KeyPurpose, KeyName>,
    /// The keys for which clients encrypt, by id: a tenant has few.
    for_clients: BTreeMap<KeyId, KeyName>,
    profiles: BTreeMap<ProfileName, (Arc<ProfileRow>, Mac)>,
    identities: BTreeMap<ServiceName, Arc<Identity>>,
    honeytokens: BTreeMap<HoneytokenId, (Arc<HoneytokenRow>, Mac)>,
    /// The marks that hold.
    marks: HashMap<[u8; 32], HoneytokenId>,
}

/// An identity with its grants.
pub(crate) struct Identity {
    pub(crate) row: IdentityRow,
    pub(crate) grants: Vec<Arc<Grant>>,
    /// The public keys that were registered for it, oldest first.
    pub(crate) encryption_keys: Vec<Arc<EncryptionKey>>,
    mac: Mac,
    last_used: Arc<AtomicI64>,
    /// Up to when uses have been written down.
    noted_until: Arc<AtomicI64>,
}

/// A grant.
pub(crate) struct Grant {
    pub(crate) row: GrantRow,
    mac: Mac,
    last_used: Arc<AtomicI64>,
}

/// A public key to which values leave encrypted for one identity.
pub(crate) struct EncryptionKey {
    pub(crate) row: EncryptionKeyRow,
    pub(crate) jwk: PublicJwk,
    mac: Mac,
}

impl Snapshot {
    pub(crate) fn empty(cluster: ClusterRow, head: RegistryHead) -> Self {
        Self { cluster, head, hsm_keys: HashMap::new(), tenants: SharedMap::default() }
    }

    /// A tenant that has been set up here.
    pub(crate) fn tenant(&self, tenant: &TenantId) -> Result<&Arc<TenantState>, VaultError> {
        self.tenants.get(tenant).ok_or(VaultError::NotFound)
    }

    /// All tenants.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = (&TenantId, &Arc<TenantState>)> {
        self.tenants.iter()
    }

    /// The HSM's key for this use.
    pub(crate) fn hsm_key(&self, kind: HsmKeyKind) -> Result<&HsmKey, VaultError> {
        self.hsm_keys.get(&kind).map(|(key, _)| key).ok_or(VaultError::IntegrityFailure)
    }

    /// An identity, known or not.
    pub(crate) fn identity(&self, tenant: &TenantId, service: &ServiceName) -> Option<&Arc<Identity>> {
        self.tenants.get(tenant)?.identities.get(service)
    }

    /// Puts a row in its place; returns the MAC of the row that it replaces. What other rows have loaded stays loaded.
    /// Refused if what the row belongs to is not there, or if another row has its name: its MAC would be lost.
    pub(super) fn put(&mut self, row: RegistryRow) -> Result<Option<Mac>, VaultError> {
        match row {
            RegistryRow::HsmKey(registered) => {
                let Registered { row: HsmKeyRow { key, .. }, mac, .. } = *registered;
                Ok(self.hsm_keys.insert(key.kind, (key, mac)).map(|(_, replaced)| replaced))
            }
            RegistryRow::Tenant(registered) => Ok(self.put_tenant(*registered)),
            RegistryRow::Key(mut registered) => {
                self.tenant_of(&mut registered.row.tenant)?.put_key(*registered)
            }
            RegistryRow::KeyVersion(mut registered) => {
                self.tenant_of(&mut registered.row.tenant)?.put_key_version(*registered)
            }
            RegistryRow::Profile(mut registered) => {
                Ok(self.tenant_of(&mut registered.row.tenant)?.put_profile(*registered))
            }
            RegistryRow::Identity(mut registered) => {
                Ok(self.tenant_of(&mut registered.row.tenant)?.put_identity(*registered))
            }
            RegistryRow::Grant(mut registered) => {
                self.tenant_of(&mut registered.row.tenant)?.put_grant(*registered)
            }
            RegistryRow::EncryptionKey(mut registered) => {
                self.tenant_of(&mut registered.row.tenant)?.put_encryption_key(*registered)
            }
            RegistryRow::Honeytoken(mut registered) => {
                Ok(self.tenant_of(&mut registered.row.tenant)?.put_honeytoken(*registered))
            }
        }
    }

    fn put_tenant(&mut self, registered: Registered<TenantRow>) -> Option<Mac> {
        let Registered { row, mac, .. } = registered;
        if let Some(known) = self.tenants.get_mut(&row.tenant) {
            return Some(std::mem::replace(&mut Arc::make_mut(known).mac, mac));
        }
        self.tenants.insert(row.tenant.clone(), Arc::new(TenantState::new(row.tenant, mac)));
        None
    }

    /// The tenant of a row, which from then on shares the text of its name with the tenant's other rows.
    fn tenant_of(&mut self, tenant: &mut TenantId) -> Result<&mut TenantState, VaultError> {
        let state = self.tenants.get_mut(tenant).ok_or(VaultError::IntegrityFailure)?;
        *tenant = state.tenant.clone();
        Ok(Arc::make_mut(state))
    }
}

impl TenantState {
    fn new(tenant: TenantId, mac: Mac) -> Self {
        Self {
            tenant,
            mac,
            keys: SharedMap::default(),
            names: SharedMap::default(),
            built_in: BTreeMap::new(),
            for_clients: BTreeMap::new(),
            profiles: BTreeMap::new(),
            identities: BTreeMap::new(),
            honeytokens: BTreeMap::new(),
            marks: HashMap::new(),
        }
    }

    /// A key by name.
    pub(crate) fn key(&self, name: &KeyName) -> Result<&Arc<Key>, VaultError> {
        self.keys.get(name).ok_or(VaultError::NotFound)
    }

    /// All keys, in the order of their names.
    pub(crate) fn keys(&self) -> Vec<Arc<Key>> {
        let mut keys: Vec<_> = self.keys.iter().map(|(_, key)| Arc::clone(key)).collect();
        keys.sort_by(|one, other| one.row.name.cmp(&other.row.name));
        keys
    }

    /// The tenant's own key for a use that callers do not choose a key for; made with the tenant.
    pub(crate) fn built_in_key(&self, purpose: KeyPurpose) -> Result<&Arc<Key>, VaultError> {
        let name = self.built_in.get(&purpose).ok_or(VaultError::IntegrityFailure)?;
        self.keys.get(name).ok_or(VaultError::IntegrityFailure)
    }

    /// The keys for which clients encrypt.
    pub(crate) fn keys_for_clients(&self) -> impl Iterator<Item = &Arc<Key>> {
        self.for_clients.values().filter_map(|name| self.keys.get(name))
    }

    /// A token profile by name.
    pub(crate) fn profile(&self, name: &ProfileName) -> Result<&TokenProfile, VaultError> {
        self.profiles.get(name).map(|(row, _)| &row.profile).ok_or(VaultError::ProfileNotFound)
    }

    /// All token profiles, in the order of their names.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &Arc<ProfileRow>> {
        self.profiles.values().map(|(row, _)| row)
    }

    /// All identities, in the order of their names.
    pub(crate) fn identities(&self) -> impl Iterator<Item = &Arc<Identity>> {
        self.identities.values()
    }

    /// All honeytokens, withdrawn ones included, in the order of their ids.
    pub(crate) fn honeytokens(&self) -> impl Iterator<Item = &Arc<HoneytokenRow>> {
        self.honeytokens.values().map(|(row, _)| row)
    }

    /// A honeytoken by its id.
    pub(crate) fn honeytoken(&self, id: HoneytokenId) -> Option<&Arc<HoneytokenRow>> {
        self.honeytokens.get(&id).map(|(row, _)| row)
    }

    /// Whether any token is marked.
    pub(crate) fn has_honeytokens(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Whether the token that this is the mark of is a honeytoken.
    pub(crate) fn is_marked(&self, mark: &[u8; 32]) -> bool {
        self.marks.contains_key(mark)
    }

    fn put_key(&mut self, registered: Registered<KeyRow>) -> Result<Option<Mac>, VaultError> {
        let Registered { row, mac, .. } = registered;
        if self.keys.get(&row.name).is_some_and(|known| known.row.key_id != row.key_id) {
            return Err(VaultError::IntegrityFailure);
        }
        let former_name = self.names.insert(row.key_id, row.name.clone());
        let known = former_name.and_then(|name| self.keys.remove(&name));
        if row.purpose == KeyPurpose::Tokenization {
            self.built_in.insert(row.purpose, row.name.clone());
        }
        if row.purpose == KeyPurpose::ClientEncryption {
            self.for_clients.insert(row.key_id, row.name.clone());
        }
        let versions = known.as_ref().map(|key| key.versions.clone()).unwrap_or_default();
        self.keys.insert(row.name.clone(), Arc::new(Key { row: Arc::new(row), versions, mac }));
        Ok(known.map(|key| key.mac))
    }

    fn put_key_version(&mut self, registered: Registered<KeyVersionRow>) -> Result<Option<Mac>, VaultError> {
        let Registered { row, mac, .. } = registered;
        let name = self.names.get(&row.key_id).ok_or(VaultError::IntegrityFailure)?;
        let key = self.keys.get_mut(name).ok_or(VaultError::IntegrityFailure)?;
        let entry = KeyVersionEntry::new(Arc::clone(&key.row), row, mac);
        let replaced = Arc::make_mut(key).versions.insert(entry);
        Ok(replaced.map(|entry| entry.mac))
    }

    fn put_profile(&mut self, registered: Registered<ProfileRow>) -> Option<Mac> {
        let Registered { row, mac, .. } = registered;
        let name = row.profile.name.clone();
        self.profiles.insert(name, (Arc::new(row), mac)).map(|(_, mac)| mac)
    }

    fn put_honeytoken(&mut self, registered: Registered<HoneytokenRow>) -> Option<Mac> {
        let Registered { row, mac, .. } = registered;
        let id = row.honeytoken;
        if row.withdrawn_at.is_none() {
            self.marks.insert(row.mark, id);
        } else if self.marks.get(&row.mark) == Some(&id) {
            self.marks.remove(&row.mark);
        }
        self.honeytokens.insert(id, (Arc::new(row), mac)).map(|(_, mac)| mac)
    }

    fn put_identity(&mut self, registered: Registered<IdentityRow>) -> Option<Mac> {
        let Registered { row, mac, .. } = registered;
        let service = row.service.clone();
        let known = self.identities.get(&service);
        let grants = known.map(|known| known.grants.clone()).unwrap_or_default();
        let encryption_keys = known.map(|known| known.encryption_keys.clone()).unwrap_or_default();
        let last_used = known.map_or_else(|| mark(row.last_used_at), |known| Arc::clone(&known.last_used));
        let noted_until =
            known.map_or_else(|| mark(row.last_used_at), |known| Arc::clone(&known.noted_until));
        let identity = Identity { row, grants, encryption_keys, mac, last_used, noted_until };
        self.identities.insert(service, Arc::new(identity)).map(|replaced| replaced.mac)
    }

    fn put_grant(&mut self, registered: Registered<GrantRow>) -> Result<Option<Mac>, VaultError> {
        let Registered { row, mac, .. } = registered;
        let identity = self.identities.get_mut(&row.service).ok_or(VaultError::IntegrityFailure)?;
        let mut grants = identity.grants.clone();
        let known = grants.iter().position(|grant| grant.row.grant == row.grant);
        let known = known.map(|place| grants.remove(place));
        let last_used =
            known.as_ref().map_or_else(|| mark(row.last_used_at), |known| Arc::clone(&known.last_used));
        grants.push(Arc::new(Grant { row, mac, last_used }));
        *identity = Arc::new(Identity { grants, ..identity.shared() });
        Ok(known.map(|known| known.mac))
    }

    /// The key must be what its name says: a JWK under another's thumbprint was not written by the vault.
    fn put_encryption_key(
        &mut self,
        registered: Registered<EncryptionKeyRow>,
    ) -> Result<Option<Mac>, VaultError> {
        let Registered { row, mac, .. } = registered;
        let identity = self.identities.get_mut(&row.service).ok_or(VaultError::IntegrityFailure)?;
        let jwk = PublicJwk::parse(row.jwk.as_bytes()).map_err(|_| VaultError::IntegrityFailure)?;
        if jwk.thumbprint() != row.kid.as_str() {
            return Err(VaultError::IntegrityFailure);
        }
        let mut encryption_keys = identity.encryption_keys.clone();
        let known = encryption_keys.iter().position(|key| key.row.kid == row.kid);
        let known = known.map(|place| encryption_keys.remove(place));
        encryption_keys.push(Arc::new(EncryptionKey { row, jwk, mac }));
        encryption_keys.sort_by(|one, other| {
            (one.row.created_at, &one.row.kid).cmp(&(other.row.created_at, &other.row.kid))
        });
        *identity = Arc::new(Identity { encryption_keys, ..identity.shared() });
        Ok(known.map(|known| known.mac))
    }
}

impl Identity {
    /// The same identity, for a change of one of its parts: marks of use are shared and not copied.
    fn shared(&self) -> Self {
        Self {
            row: self.row.clone(),
            grants: self.grants.clone(),
            encryption_keys: self.encryption_keys.clone(),
            mac: self.mac,
            last_used: Arc::clone(&self.last_used),
            noted_until: Arc::clone(&self.noted_until),
        }
    }

    /// Whether it may be used at all.
    pub(crate) fn is_in_force(&self, now: Timestamp) -> bool {
        self.row.disabled_at.is_none() && self.row.expires_at.is_none_or(|end| now < end)
    }

    /// The roles it holds at this moment.
    pub(crate) fn roles(&self, now: Timestamp) -> RoleSet {
        if !self.is_in_force(now) {
            return RoleSet::EMPTY;
        }
        self.grants.iter().filter(|grant| grant.is_in_force(now)).map(|grant| grant.row.role).collect()
    }

    /// The roles in which it may be sent values in clear at this moment.
    pub(crate) fn roles_in_clear(&self, now: Timestamp) -> RoleSet {
        if !self.is_in_force(now) {
            return RoleSet::EMPTY;
        }
        let in_clear = |grant: &&Arc<Grant>| grant.is_in_force(now) && !grant.row.encrypted_only;
        self.grants.iter().filter(in_clear).map(|grant| grant.row.role).collect()
    }

    /// Its public keys that may be encrypted to at this moment, newest first.
    pub(crate) fn encryption_keys_in_force(&self, now: Timestamp) -> impl Iterator<Item = &EncryptionKey> {
        self.encryption_keys.iter().rev().map(|key| &**key).filter(move |key| key.is_in_force(now))
    }

    /// When it last made a request.
    pub(crate) fn last_used(&self) -> Option<Timestamp> {
        read_mark(&self.last_used)
    }

    /// When it was last used and which grants that rested on, if that has not been written down yet.
    pub(crate) fn news(&self) -> Option<(Timestamp, Vec<GrantId>)> {
        let at = self.last_used()?;
        let noted_until = read_mark(&self.noted_until);
        let used = self.grants.iter().filter(|grant| grant.last_used() > noted_until);
        (Some(at) > noted_until).then(|| (at, used.map(|grant| grant.id()).collect()))
    }

    /// Uses up to this moment have been written down.
    pub(crate) fn mark_noted(&self, at: Timestamp) {
        self.noted_until.store(at.unix_millis(), Ordering::Relaxed);
    }

    /// Notes a use, and which grants it rested on. Of each only the first use in a minute is noted, so the hot path
    /// pays for a load or two.
    pub(crate) fn note_use(&self, now: Timestamp, rests_on: impl Fn(Role) -> bool) {
        const RESOLUTION_MILLIS: i64 = 60_000;
        let is_news = |mark: &AtomicI64| {
            now.unix_millis().saturating_sub(mark.load(Ordering::Relaxed)) >= RESOLUTION_MILLIS
        };
        let mut any = is_news(&self.last_used);
        for grant in self.grants.iter().filter(|grant| grant.is_in_force(now) && is_news(&grant.last_used)) {
            if rests_on(grant.row.role) {
                grant.last_used.store(now.unix_millis(), Ordering::Relaxed);
                any = true;
            }
        }
        if any {
            self.last_used.store(now.unix_millis(), Ordering::Relaxed);
        }
    }
}

impl Grant {
    /// Whether it holds at this moment.
    pub(crate) fn is_in_force(&self, now: Timestamp) -> bool {
        self.row.revoked_at.is_none() && self.row.expires_at.is_none_or(|end| now < end)
    }

    /// When it last decided a request.
    pub(crate) fn last_used(&self) -> Option<Timestamp> {
        read_mark(&self.last_used)
    }

    /// Its id.
    pub(crate) const fn id(&self) -> GrantId {
        self.row.grant
    }
}

impl EncryptionKey {
    /// Whether anything may be encrypted to it at this moment.
    pub(crate) fn is_in_force(&self, now: Timestamp) -> bool {
        self.row.revoked_at.is_none() && self.row.expires_at.is_none_or(|end| now < end)
    }
}

fn mark(at: Option<Timestamp>) -> Arc<AtomicI64> {
    Arc::new(AtomicI64::new(at.map_or(i64::MIN / 2, Timestamp::unix_millis)))
}

fn read_mark(mark: &AtomicI64) -> Option<Timestamp> {
    let millis = mark.load(Ordering::Relaxed);
    (millis > i64::MIN / 2).then(|| Timestamp::from_unix_millis(millis))
}
