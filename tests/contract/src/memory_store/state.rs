//! What the store holds, and how a batch changes it.

use std::collections::BTreeMap;

use strongroom_core::ports::store::{
    AliasRow, AnswerRow, Batch, BundleRow, CheckpointRow, ClusterRow, CommitError, Effect, FingerprintKey,
    FingerprintRow, GrantId, HoneytokenId, Lease, RegistryHead, RegistryRow, SecurityCodeKeyRow,
    SecurityCodeRow, SegmentRow, StoreError, StreamHead, TagRow, TokenRow, VelocityRow,
};
use strongroom_domain::{
    Alias, IdempotencyKey, KeyId, KeyThumbprint, KeyVersion, ProfileName, ServiceName, Tag, TenantId,
    Timestamp, Token, TokenState, VelocityCounter,
};

#[derive(Default)]
pub(super) struct State {
    pub(super) cluster: BTreeMap<(), ClusterRow>,
    pub(super) head: BTreeMap<(), RegistryHead>,
    pub(super) registry: BTreeMap<RegistryKey, RegistryRow>,
    pub(super) tokens: BTreeMap<(TenantId, Token), TokenRow>,
    pub(super) fingerprints: BTreeMap<(TenantId, FingerprintKey), Vec<FingerprintRow>>,
    pub(super) aliases: BTreeMap<(TenantId, Alias), AliasRow>,
    /// What leads from tags to tokens. Lists look at the tokens themselves; this is what a database's index would hold.
    pub(super) tags: BTreeMap<(TenantId, Tag, Timestamp, Token), TagRow>,
    pub(super) security_code_keys: BTreeMap<u32, SecurityCodeKeyRow>,
    pub(super) security_codes: BTreeMap<(TenantId, Token), SecurityCodeRow>,
    pub(super) answers: BTreeMap<(TenantId, ServiceName, IdempotencyKey), AnswerRow>,
    pub(super) bundles: BTreeMap<(String, u64), BundleRow>,
    pub(super) checkpoints: BTreeMap<(String, u64), CheckpointRow>,
    pub(super) segments: BTreeMap<(String, u64), SegmentRow>,
    pub(super) leases: BTreeMap<String, Lease>,
    pub(super) velocity: BTreeMap<(TenantId, ServiceName, VelocityCounter), VelocityRow>,
}

/// What makes a registry row the same row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RegistryKey {
    HsmKey(&'static str),
    Tenant(TenantId),
    Key(TenantId, KeyId),
    KeyVersion(TenantId, KeyId, KeyVersion),
    Profile(TenantId, ProfileName),
    Identity(TenantId, ServiceName),
    Grant(TenantId, GrantId),
    EncryptionKey(TenantId, ServiceName, KeyThumbprint),
    Honeytoken(TenantId, HoneytokenId),
}

/// The unit cannot be applied.
struct Conflict;

/// How to take back what was changed, last change first.
type Undo = Vec<Box<dyn FnOnce(&mut State) + Send>>;

impl State {
    /// Applies the units one after the other; takes everything back if one of them conflicts.
    pub(super) fn commit(&mut self, batch: &Batch) -> Result<(), CommitError> {
        let bundle = &batch.bundle;
        let end = bundle.first_sequence.checked_add(u64::from(bundle.count));
        if bundle.count == 0 || end.is_none_or(|end| i64::try_from(end).is_err()) {
            return Err(CommitError::NotWritten(StoreError::Unreadable("audit bundle")));
        }
        if self.head(&bundle.stream).map_or(0, |head| head.size) != bundle.first_sequence {
            return Err(CommitError::Fenced);
        }
        let mut conflicts = Vec::new();
        let mut undo_all = Undo::new();
        for (position, unit) in batch.units.iter().enumerate() {
            let mut undo = Undo::new();
            match self.apply_unit(unit, &mut undo) {
                Ok(()) => undo_all.append(&mut undo),
                Err(Conflict) => {
                    self.take_back(undo);
                    conflicts.push(position);
                }
            }
        }
        if !conflicts.is_empty() {
            self.take_back(undo_all);
            return Err(CommitError::Conflict(conflicts));
        }
        self.bundles.insert((bundle.stream.clone(), bundle.first_sequence), bundle.clone());
        Ok(())
    }

    /// Where a stream stands.
    pub(super) fn head(&self, stream: &str) -> Option<StreamHead> {
        let of_stream = (stream.to_owned(), 0)..=(stream.to_owned(), u64::MAX);
        self.bundles.range(of_stream).next_back().map(|(_, bundle)| bundle.head())
    }

    /// Notes when a row was last used, unless it was used later.
    pub(super) fn note_use(&mut self, key: &RegistryKey, at: Timestamp) {
        if let Some(row) = self.registry.get_mut(key) {
            note_use(row, at);
        }
    }

    fn take_back(&mut self, undo: Undo) {
        undo.into_iter().rev().for_each(|step| step(self));
    }

    /// Within a unit, what makes room comes first and key versions come after their keys.
    fn apply_unit(&mut self, unit: &[Effect], undo: &mut Undo) -> Result<(), Conflict> {
        let mut effects: Vec<&Effect> = unit.iter().collect();
        effects.sort_by_key(|effect| match effect {
            Effect::DeleteFingerprint(_)
            | Effect::DeleteAlias(_)
            | Effect::DeleteTag(_)
            | Effect::ReviseToken { .. }
            | Effect::CloseSecurityCodeKey { .. }
            | Effect::DeleteSecurityCodeKey { .. }
            | Effect::DeleteSecurityCode { .. } => 0,
            Effect::PutSecurityCode(_) => 2,
            Effect::PutRegistry(row) if matches!(**row, RegistryRow::KeyVersion(_)) => 2,
            _ => 1,
        });
        effects.into_iter().try_for_each(|effect| self.apply(effect, undo))
    }

    fn apply(&mut self, effect: &Effect, undo: &mut Undo) -> Result<(), Conflict> {
        match effect {
            Effect::InsertCluster(row) => {
                self.insert(undo, |state| &mut state.cluster, (), row.clone())?;
            }
            Effect::MoveRegistryHead { expected_epoch, head } => {
                if self.head.get(&()).map_or(0, |head| head.epoch) != *expected_epoch {
                    return Err(Conflict);
                }
                self.put(undo, |state| &mut state.head, (), *head);
            }
            Effect::PutRegistry(row) => self.put_registry(row, undo)?,
            Effect::InsertToken(row) => {
                let key = (row.tenant.clone(), row.token.clone());
                self.insert(undo, |state| &mut state.tokens, key, (**row).clone())?;
            }
            Effect::ReviseToken { row: wanted, at: _ } => {
                let key = (wanted.tenant.clone(), wanted.token.clone());
                let row = self.tokens.get(&key).ok_or(Conflict)?;
                if row.row_version + 1 != wanted.row_version || row.state != TokenState::Active {
                    return Err(Conflict);
                }
                let lives = wanted.state == TokenState::Active;
                let revised = TokenRow {
                    state: wanted.state,
                    envelope: wanted.envelope.clone().filter(|_| lives),
                    metadata_envelope: wanted.metadata_envelope.clone().filter(|_| lives),
                    expires_at: wanted.expires_at,
                    uses: wanted.uses,
                    aliases: wanted.aliases.clone(),
                    tags: wanted.tags.clone(),
                    row_version: wanted.row_version,
                    ..row.clone()
                };
                self.put(undo, |state| &mut state.tokens, key, revised);
            }
            Effect::InsertFingerprint(row) => self.insert_fingerprint(row, undo)?,
            Effect::DeleteFingerprint(row) => self.delete_fingerprint(row, undo),
            Effect::InsertAlias(row) => {
                let key = (row.tenant.clone(), row.alias.clone());
                self.insert(undo, |state| &mut state.aliases, key, row.clone())?;
            }
            Effect::DeleteAlias(gone) => {
                let key = (gone.tenant.clone(), gone.alias.clone());
                if self.aliases.get(&key) == Some(gone) {
                    self.remove(undo, |state| &mut state.aliases, &key);
                }
            }
            Effect::InsertTag(row) => self.put(undo, |state| &mut state.tags, tag_key(row), row.clone()),
            Effect::DeleteTag(gone) => self.remove(undo, |state| &mut state.tags, &tag_key(gone)),
            Effect::CompleteAnswer(row) => {
                let key = (row.tenant.clone(), row.service.clone(), row.key.clone());
                let pending = self.answers.get(&key).ok_or(Conflict)?;
                if pending.request_digest != row.request_digest {
                    return Err(Conflict);
                }
                let completed = AnswerRow { answer: row.answer.clone(), ..pending.clone() };
                self.put(undo, |state| &mut state.answers, key, completed);
            }
            Effect::ReleaseAnswer { tenant, service, key } => {
                let key = (tenant.clone(), service.clone(), key.clone());
                if let Some(row) = self.answers.remove(&key) {
                    undo.push(Box::new(move |state| drop(state.answers.insert(key, row))));
                }
            }
            Effect::InsertSecurityCodeKey(row) => {
                self.insert(undo, |state| &mut state.security_code_keys, row.period, (**row).clone())?;
            }
            Effect::CloseSecurityCodeKey { period, at } => self.close_security_code_key(*period, *at, undo),
            Effect::DeleteSecurityCodeKey { period } => {
                self.remove(undo, |state| &mut state.security_code_keys, period);
            }
            Effect::PutSecurityCode(row) => {
                let key = self.security_code_keys.get(&row.period).ok_or(Conflict)?;
                if key.shredding_at.is_some() {
                    return Err(Conflict);
                }
                let key = (row.tenant.clone(), row.token.clone());
                self.put(undo, |state| &mut state.security_codes, key, (**row).clone());
            }
            Effect::DeleteSecurityCode { tenant, token, expired_by } => {
                let key = (tenant.clone(), token.clone());
                let found = self.security_codes.get(&key);
                if found.is_some_and(|row| expired_by.is_none_or(|by| row.expires_at <= by)) {
                    self.remove(undo, |state| &mut state.security_codes, &key);
                }
            }
            Effect::InsertAnswer(row) => {
                let key = (row.tenant.clone(), row.service.clone(), row.key.clone());
                self.insert(undo, |state| &mut state.answers, key, row.clone())?;
            }
        }
        Ok(())
    }

    fn put_registry(&mut self, row: &RegistryRow, undo: &mut Undo) -> Result<(), Conflict> {
        let key = registry_key(row);
        match row {
            RegistryRow::Key(new) => {
                let name_is_taken = self.registry.values().any(|row| match row {
                    RegistryRow::Key(old) => {
                        old.row.tenant == new.row.tenant
                            && old.row.name == new.row.name
                            && old.row.key_id != new.row.key_id
                    }
                    _ => false,
                });
                if name_is_taken {
                    return Err(Conflict);
                }
            }
            RegistryRow::KeyVersion(new) => {
                let its_key = RegistryKey::Key(new.row.tenant.clone(), new.row.key_id);
                if !self.registry.contains_key(&its_key) {
                    return Err(Conflict);
                }
            }
            _ => {}
        }
        let mut row = row.clone();
        if let Some(last_used) = self.registry.get_mut(&key).and_then(last_used_at).and_then(|at| *at) {
            note_use(&mut row, last_used);
        }
        self.put(undo, |state| &mut state.registry, key, row);
        Ok(())
    }

    fn close_security_code_key(&mut self, period: u32, at: Timestamp, undo: &mut Undo) {
        if let Some(row) = self.security_code_keys.get(&period).cloned() {
            let closed = SecurityCodeKeyRow { shredding_at: row.shredding_at.or(Some(at)), ..row };
            self.put(undo, |state| &mut state.security_code_keys, period, closed);
        }
        let under: Vec<_> = self
            .security_codes
            .iter()
            .filter(|(_, row)| row.period == period)
            .map(|(key, _)| key.clone())
            .collect();
        for key in under {
            self.remove(undo, |state| &mut state.security_codes, &key);
        }
    }

    fn insert_fingerprint(&mut self, row: &FingerprintRow, undo: &mut Undo) -> Result<(), Conflict> {
        let key = (row.tenant.clone(), row.key.clone());
        let mut rows = self.fingerprints.get(&key).cloned().unwrap_or_default();
        if row.deterministic && rows.iter().any(|row| row.deterministic) {
            return Err(Conflict);
        }
        if !rows.contains(row) {
            rows.push(row.clone());
        }
        self.put(undo, |state| &mut state.fingerprints, key, rows);
        Ok(())
    }

    fn delete_fingerprint(&mut self, gone: &FingerprintRow, undo: &mut Undo) {
        let key = (gone.tenant.clone(), gone.key.clone());
        let mut rows = self.fingerprints.get(&key).cloned().unwrap_or_default();
        rows.retain(|row| row != gone);
        self.put(undo, |state| &mut state.fingerprints, key, rows);
    }

    fn insert<K: Clone + Ord + Send + 'static, V: Send + 'static>(
        &mut self,
        undo: &mut Undo,
        map: Map<K, V>,
        key: K,
        value: V,
    ) -> Result<(), Conflict> {
        if map(self).contains_key(&key) {
            return Err(Conflict);
        }
        self.put(undo, map, key, value);
        Ok(())
    }

    fn remove<K: Clone + Ord + Send + 'static, V: Send + 'static>(
        &mut self,
        undo: &mut Undo,
        map: Map<K, V>,
        key: &K,
    ) {
        if let Some(previous) = map(self).remove(key) {
            let key = key.clone();
            undo.push(Box::new(move |state| drop(map(state).insert(key, previous))));
        }
    }

    fn put<K: Clone + Ord + Send + 'static, V: Send + 'static>(
        &mut self,
        undo: &mut Undo,
        map: Map<K, V>,
        key: K,
        value: V,
    ) {
        let previous = map(self).insert(key.clone(), value);
        undo.push(Box::new(move |state| match previous {
            Some(value) => drop(map(state).insert(key, value)),
            None => drop(map(state).remove(&key)),
        }));
    }
}

/// One of the state's maps.
type Map<K, V> = fn(&mut State) -> &mut BTreeMap<K, V>;

fn tag_key(row: &TagRow) -> (TenantId, Tag, Timestamp, Token) {
    (row.tenant.clone(), row.tag.clone(), row.created_at, row.token.clone())
}

fn registry_key(row: &RegistryRow) -> RegistryKey {
    match row {
        RegistryRow::HsmKey(row) => RegistryKey::HsmKey(row.row.key.kind.as_str()),
        RegistryRow::Tenant(row) => RegistryKey::Tenant(row.row.tenant.clone()),
        RegistryRow::Key(row) => RegistryKey::Key(row.row.tenant.clone(), row.row.key_id),
        RegistryRow::KeyVersion(row) => {
            RegistryKey::KeyVersion(row.row.tenant.clone(), row.row.key_id, row.row.version)
        }
        RegistryRow::Profile(row) => {
            RegistryKey::Profile(row.row.tenant.clone(), row.row.profile.name.clone())
        }
        RegistryRow::Identity(row) => RegistryKey::Identity(row.row.tenant.clone(), row.row.service.clone()),
        RegistryRow::Grant(row) => RegistryKey::Grant(row.row.tenant.clone(), row.row.grant),
        RegistryRow::EncryptionKey(row) => {
            let row = &row.row;
            RegistryKey::EncryptionKey(row.tenant.clone(), row.service.clone(), row.kid.clone())
        }
        RegistryRow::Honeytoken(row) => RegistryKey::Honeytoken(row.row.tenant.clone(), row.row.honeytoken),
    }
}

/// The time of last use, in the rows that have one.
fn last_used_at(row: &mut RegistryRow) -> Option<&mut Option<Timestamp>> {
    match row {
        RegistryRow::Identity(row) => Some(&mut row.row.last_used_at),
        RegistryRow::Grant(row) => Some(&mut row.row.last_used_at),
        _ => None,
    }
}

/// Never moves backwards.
fn note_use(row: &mut RegistryRow, at: Timestamp) {
    if let Some(last_used) = last_used_at(row) {
        *last_used = Some(last_used.map_or(at, |earlier| earlier.max(at)));
    }
}
