//! The registry as the hot path reads it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use strongroom_domain::{
    KeyId, KeyName, KeyPurpose, ProfileName, Role, RoleSet, ServiceName, TenantId, Timestamp, TokenProfile,
};

use super::keys::{Key, KeyVersionEntry};
use crate::VaultError;
use crate::ports::store::{
    ClusterRow, GrantId, GrantRow, IdentityRow, KeyRow, ProfileRow, RegistryHead, RegistryRow,
};
use crate::ports::{HsmKey, HsmKeyKind};

/// All of it at one epoch. Never changed: a change makes the next one.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) cluster: ClusterRow,
    pub(crate) head: RegistryHead,
    pub(crate) hsm_keys: HashMap<HsmKeyKind, HsmKey>,
    pub(super) tenants: HashMap<TenantId, Arc<TenantState>>,
}

/// One tenant's part.
#[derive(Clone, Default)]
pub(crate) struct TenantState {
    keys: HashMap<KeyName, Arc<Key>>,
    names: HashMap<KeyId, KeyName>,
    built_in: BTreeMap<KeyPurpose, KeyName>,
    profiles: BTreeMap<ProfileName, Arc<ProfileRow>>,
    identities: BTreeMap<ServiceName, Arc<Identity>>,
}

/// An identity with its grants.
pub(crate) struct Identity {
    pub(crate) row: IdentityRow,
    pub(crate) grants: Vec<Arc<Grant>>,
    last_used: Arc<AtomicI64>,
    /// Up to when uses have been written down.
    noted_until: Arc<AtomicI64>,
}

/// A grant.
pub(crate) struct Grant {
    pub(crate) row: GrantRow,
    last_used: Arc<AtomicI64>,
}

impl Snapshot {
    pub(crate) fn empty(cluster: ClusterRow, head: RegistryHead) -> Self {
        Self { cluster, head, hsm_keys: HashMap::new(), tenants: HashMap::new() }
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
        self.hsm_keys.get(&kind).ok_or(VaultError::IntegrityFailure)
    }

    /// An identity, known or not.
    pub(crate) fn identity(&self, tenant: &TenantId, service: &ServiceName) -> Option<&Arc<Identity>> {
        self.tenants.get(tenant)?.identities.get(service)
    }

    /// Puts a row in its place. What other rows have loaded stays loaded.
    pub(super) fn put(&mut self, row: &RegistryRow) {
        match row {
            RegistryRow::HsmKey(registered) => {
                self.hsm_keys.insert(registered.row.key.kind, registered.row.key.clone());
            }
            RegistryRow::Tenant(registered) => {
                self.tenants.entry(registered.row.tenant.clone()).or_default();
            }
            RegistryRow::Key(registered) => self.tenant_mut(&registered.row.tenant).put_key(&registered.row),
            RegistryRow::KeyVersion(registered) => {
                let version = &registered.row;
                self.tenant_mut(&version.tenant).change_key(version.key_id, |key| {
                    let entry = KeyVersionEntry::new(Arc::clone(&key.row), version.clone());
                    key.versions.insert(version.version, Arc::new(entry));
                });
            }
            RegistryRow::Profile(registered) => {
                let profile = Arc::new(registered.row.clone());
                self.tenant_mut(&registered.row.tenant)
                    .profiles
                    .insert(profile.profile.name.clone(), profile);
            }
            RegistryRow::Identity(registered) => {
                self.tenant_mut(&registered.row.tenant).put_identity(&registered.row)
            }
            RegistryRow::Grant(registered) => {
                self.tenant_mut(&registered.row.tenant).put_grant(&registered.row)
            }
        }
    }

    fn tenant_mut(&mut self, tenant: &TenantId) -> &mut TenantState {
        Arc::make_mut(self.tenants.entry(tenant.clone()).or_default())
    }
}

impl TenantState {
    /// A key by name.
    pub(crate) fn key(&self, name: &KeyName) -> Result<&Arc<Key>, VaultError> {
        self.keys.get(name).ok_or(VaultError::NotFound)
    }

    /// All keys, in the order of their names.
    pub(crate) fn keys(&self) -> Vec<Arc<Key>> {
        let mut keys: Vec<_> = self.keys.values().map(Arc::clone).collect();
        keys.sort_by(|one, other| one.row.name.cmp(&other.row.name));
        keys
    }

    /// The tenant's own key for a use that callers do not choose a key for; made with the tenant.
    pub(crate) fn built_in_key(&self, purpose: KeyPurpose) -> Result<&Arc<Key>, VaultError> {
        let name = self.built_in.get(&purpose).ok_or(VaultError::IntegrityFailure)?;
        self.keys.get(name).ok_or(VaultError::IntegrityFailure)
    }

    /// A token profile by name.
    pub(crate) fn profile(&self, name: &ProfileName) -> Result<&TokenProfile, VaultError> {
        self.profiles.get(name).map(|row| &row.profile).ok_or(VaultError::ProfileNotFound)
    }

    /// All token profiles, in the order of their names.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &Arc<ProfileRow>> {
        self.profiles.values()
    }

    /// All identities, in the order of their names.
    pub(crate) fn identities(&self) -> impl Iterator<Item = &Arc<Identity>> {
        self.identities.values()
    }

    fn put_key(&mut self, row: &KeyRow) {
        let versions = self.keys.get(&row.name).map(|key| key.versions.clone()).unwrap_or_default();
        self.names.insert(row.key_id, row.name.clone());
        if row.purpose == KeyPurpose::Tokenization {
            self.built_in.insert(row.purpose, row.name.clone());
        }
        self.keys.insert(row.name.clone(), Arc::new(Key { row: Arc::new(row.clone()), versions }));
    }

    fn change_key(&mut self, key_id: KeyId, change: impl FnOnce(&mut Key)) {
        let Some(key) = self.names.get(&key_id).and_then(|name| self.keys.get_mut(name)) else { return };
        let mut changed = Key { row: Arc::clone(&key.row), versions: key.versions.clone() };
        change(&mut changed);
        *key = Arc::new(changed);
    }

    fn put_identity(&mut self, row: &IdentityRow) {
        let known = self.identities.get(&row.service);
        let identity = Identity {
            row: row.clone(),
            grants: known.map(|known| known.grants.clone()).unwrap_or_default(),
            last_used: known.map_or_else(|| mark(row.last_used_at), |known| Arc::clone(&known.last_used)),
            noted_until: known.map_or_else(|| mark(row.last_used_at), |known| Arc::clone(&known.noted_until)),
        };
        self.identities.insert(row.service.clone(), Arc::new(identity));
    }

    fn put_grant(&mut self, row: &GrantRow) {
        let Some(identity) = self.identities.get_mut(&row.service) else { return };
        let known = identity.grants.iter().find(|grant| grant.row.grant == row.grant);
        let last_used = known.map_or_else(|| mark(row.last_used_at), |known| Arc::clone(&known.last_used));
        let mut grants = identity.grants.clone();
        grants.retain(|grant| grant.row.grant != row.grant);
        grants.push(Arc::new(Grant { row: row.clone(), last_used }));
        *identity = Arc::new(Identity {
            row: identity.row.clone(),
            grants,
            last_used: Arc::clone(&identity.last_used),
            noted_until: Arc::clone(&identity.noted_until),
        });
    }
}

impl Identity {
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

fn mark(at: Option<Timestamp>) -> Arc<AtomicI64> {
    Arc::new(AtomicI64::new(at.map_or(i64::MIN / 2, Timestamp::unix_millis)))
}

fn read_mark(mark: &AtomicI64) -> Option<Timestamp> {
    let millis = mark.load(Ordering::Relaxed);
    (millis > i64::MIN / 2).then(|| Timestamp::from_unix_millis(millis))
}
