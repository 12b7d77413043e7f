//! The store in memory: for the core's own tests and for simulations, with faults on demand.

mod state;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{
    AliasRow, AnswerRow, Batch, BundleRow, CheckpointRow, CommitError, FingerprintKey, FingerprintRow,
    LastUse, Lease, Registry, SecurityCodeKeyRow, SecurityCodeRow, SegmentPosition, SegmentRow, StoreError,
    StreamHead, TokenCursor, TokenFilter, TokenRow, VelocityRow,
};
use strongroom_domain::{Alias, IdempotencyKey, ServiceName, TenantId, Timestamp, Token, VelocityCounter};

use state::{RegistryKey, State};

/// Keeps everything in memory and passes the same contract suite as the real ones. Nothing survives it.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    faults: Mutex<Faults>,
}

#[derive(Default)]
struct Faults {
    commits: Option<CommitError>,
    other_calls: Option<StoreError>,
    loses_next_answer: bool,
    commits_written: u64,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every commit fails with this and writes nothing; `None` ends it.
    pub fn fail_commits(&self, error: Option<CommitError>) {
        if let Ok(mut faults) = self.faults.lock() {
            faults.commits = error;
        }
    }

    /// The next commit that succeeds is written, but its caller is told that this is not known.
    pub fn lose_next_commit_answer(&self) {
        if let Ok(mut faults) = self.faults.lock() {
            faults.loses_next_answer = true;
        }
    }

    /// From now on every call other than `commit` fails with this; `None` ends it.
    pub fn fail_reads(&self, error: Option<StoreError>) {
        if let Ok(mut faults) = self.faults.lock() {
            faults.other_calls = error;
        }
    }

    /// How many batches were written.
    pub fn commits_written(&self) -> u64 {
        self.faults.lock().map_or(0, |faults| faults.commits_written)
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        match self.faults()?.other_calls {
            Some(error) => Err(error),
            None => self.state.lock().map_err(|_| POISONED),
        }
    }

    fn faults(&self) -> Result<MutexGuard<'_, Faults>, StoreError> {
        self.faults.lock().map_err(|_| POISONED)
    }
}

const POISONED: StoreError = StoreError::Unavailable("a thread panicked while it held the store");

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        let mut faults = self.faults().map_err(CommitError::NotWritten)?;
        if let Some(error) = &faults.commits {
            return Err(error.clone());
        }
        self.state.lock().map_err(|_| CommitError::NotWritten(POISONED))?.commit(batch)?;
        faults.commits_written += 1;
        if std::mem::take(&mut faults.loses_next_answer) {
            return Err(CommitError::InDoubt(StoreError::Unavailable("the answer was lost")));
        }
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        match &self.faults()?.commits {
            Some(CommitError::NotWritten(error) | CommitError::InDoubt(error)) => return Err(*error),
            Some(_) => return Err(StoreError::Unavailable("commits fail")),
            None => {}
        }
        self.state().map(drop)
    }

    async fn load_registry(&self) -> Result<Option<Registry>, StoreError> {
        let state = self.state()?;
        let Some(cluster) = state.cluster.get(&()).cloned() else { return Ok(None) };
        let head = state.head.get(&()).copied().ok_or(StoreError::Unreadable("registry head"))?;
        Ok(Some(Registry { cluster, head, rows: state.registry.values().cloned().collect() }))
    }

    async fn registry_epoch(&self) -> Result<u64, StoreError> {
        Ok(self.state()?.head.get(&()).map_or(0, |head| head.epoch))
    }

    async fn find_token(&self, tenant: &TenantId, token: &Token) -> Result<Option<TokenRow>, StoreError> {
        Ok(self.state()?.tokens.get(&(tenant.clone(), token.clone())).cloned())
    }

    async fn find_tokens(&self, tenant: &TenantId, tokens: &[Token]) -> Result<Vec<TokenRow>, StoreError> {
        let state = self.state()?;
        let distinct: BTreeSet<&Token> = tokens.iter().collect();
        let rows =
            distinct.into_iter().filter_map(|token| state.tokens.get(&(tenant.clone(), token.clone())));
        Ok(rows.cloned().collect())
    }

    async fn taken_tokens(&self, tenant: &TenantId, candidates: &[Token]) -> Result<Vec<Token>, StoreError> {
        let rows = self.find_tokens(tenant, candidates).await?;
        Ok(rows.into_iter().map(|row| row.token).collect())
    }

    async fn list_tokens(
        &self,
        tenant: &TenantId,
        filter: &TokenFilter,
        after: Option<&TokenCursor>,
        limit: u32,
    ) -> Result<Vec<TokenRow>, StoreError> {
        let mut rows: Vec<TokenRow> = self.state()?.tokens.values().cloned().collect();
        let place = |row: &TokenRow| {
            let TokenCursor { at, token } = filter.position(row);
            (at, token)
        };
        rows.retain(|row| {
            let seen = after.is_some_and(|cursor| place(row) <= (cursor.at, cursor.token.clone()));
            filter.matches(tenant, row) && !seen
        });
        rows.sort_by_key(place);
        rows.truncate(as_length(limit));
        Ok(rows)
    }

    async fn find_aliases(&self, tenant: &TenantId, aliases: &[Alias]) -> Result<Vec<AliasRow>, StoreError> {
        let state = self.state()?;
        let distinct: BTreeSet<&Alias> = aliases.iter().collect();
        let rows =
            distinct.into_iter().filter_map(|alias| state.aliases.get(&(tenant.clone(), alias.clone())));
        Ok(rows.cloned().collect())
    }

    async fn find_fingerprints(
        &self,
        tenant: &TenantId,
        keys: &[FingerprintKey],
    ) -> Result<Vec<FingerprintRow>, StoreError> {
        let state = self.state()?;
        let distinct: BTreeSet<&FingerprintKey> = keys.iter().collect();
        let rows =
            distinct.into_iter().filter_map(|key| state.fingerprints.get(&(tenant.clone(), key.clone())));
        Ok(rows.flatten().cloned().collect())
    }

    async fn find_answer(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        key: &IdempotencyKey,
    ) -> Result<Option<AnswerRow>, StoreError> {
        Ok(self.state()?.answers.get(&(tenant.clone(), service.clone(), key.clone())).cloned())
    }

    async fn find_security_code(
        &self,
        tenant: &TenantId,
        token: &Token,
    ) -> Result<Option<SecurityCodeRow>, StoreError> {
        Ok(self.state()?.security_codes.get(&(tenant.clone(), token.clone())).cloned())
    }

    async fn security_code_keys(&self) -> Result<Vec<SecurityCodeKeyRow>, StoreError> {
        Ok(self.state()?.security_code_keys.values().cloned().collect())
    }

    async fn security_codes_live(&self, period: u32, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.state()?.security_codes.values().any(|row| row.period == period && row.expires_at > now))
    }

    async fn expired_security_codes(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, Token)>, StoreError> {
        let mut rows: Vec<SecurityCodeRow> = self.state()?.security_codes.values().cloned().collect();
        rows.retain(|row| row.expires_at <= now);
        rows.sort_by_key(|row| row.expires_at);
        rows.truncate(as_length(limit));
        Ok(rows.into_iter().map(|row| (row.tenant, row.token)).collect())
    }

    async fn find_velocity(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        counter: VelocityCounter,
    ) -> Result<Option<VelocityRow>, StoreError> {
        Ok(self.state()?.velocity.get(&(tenant.clone(), service.clone(), counter)).cloned())
    }

    async fn put_velocity(&self, row: &VelocityRow) -> Result<bool, StoreError> {
        let mut state = self.state()?;
        let key = (row.tenant.clone(), row.service.clone(), row.counter);
        let known = state.velocity.get(&key).map_or(0, |known| known.row_version);
        let fits = known + 1 == row.row_version;
        if fits {
            state.velocity.insert(key, row.clone());
        }
        Ok(fits)
    }

    async fn stream_head(&self, stream: &str) -> Result<Option<StreamHead>, StoreError> {
        Ok(self.state()?.head(stream))
    }

    async fn streams(&self) -> Result<Vec<String>, StoreError> {
        let streams: BTreeSet<String> =
            self.state()?.bundles.keys().map(|(stream, _)| stream.clone()).collect();
        Ok(streams.into_iter().collect())
    }

    async fn read_bundles(&self, stream: &str, from: u64, limit: u32) -> Result<Vec<BundleRow>, StoreError> {
        let state = self.state()?;
        let of_stream = state.bundles.values().filter(|bundle| bundle.stream == stream);
        let reaching = of_stream.filter(|bundle| bundle.end() > from);
        Ok(reaching.take(as_length(limit)).cloned().collect())
    }

    async fn read_checkpoints(
        &self,
        stream: &str,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRow>, StoreError> {
        let state = self.state()?;
        let rows = state.checkpoints.values().filter(|row| row.stream == stream && row.size >= from_size);
        Ok(rows.take(as_length(limit)).cloned().collect())
    }

    async fn latest_checkpoint(&self, stream: &str) -> Result<Option<CheckpointRow>, StoreError> {
        Ok(self.state()?.checkpoints.values().rfind(|row| row.stream == stream).cloned())
    }

    async fn segmented_until(&self, stream: &str) -> Result<u64, StoreError> {
        let state = self.state()?;
        Ok(state.segments.values().rfind(|row| row.stream == stream).map_or(0, |row| row.end))
    }

    async fn keep_segment(&self, row: &SegmentRow) -> Result<(), StoreError> {
        let key = (row.stream.clone(), row.first_sequence);
        self.state()?.segments.entry(key).or_insert_with(|| row.clone());
        Ok(())
    }

    async fn read_segments(
        &self,
        from: Timestamp,
        until: Timestamp,
        before: Option<&SegmentPosition>,
        limit: u32,
    ) -> Result<Vec<SegmentRow>, StoreError> {
        let mut rows: Vec<SegmentRow> = self.state()?.segments.values().cloned().collect();
        rows.retain(|row| {
            row.last_time >= from
                && row.first_time <= until
                && before.is_none_or(|before| row.position() < *before)
        });
        rows.sort_by_key(|row| std::cmp::Reverse(row.position()));
        rows.truncate(as_length(limit));
        Ok(rows)
    }

    async fn keep_checkpoint(&self, row: &CheckpointRow) -> Result<(), StoreError> {
        let key = (row.stream.clone(), row.size);
        self.state()?.checkpoints.entry(key).or_insert_with(|| row.clone());
        Ok(())
    }

    async fn note_last_use(&self, uses: &[LastUse]) -> Result<(), StoreError> {
        let mut state = self.state()?;
        for last_use in uses {
            let tenant = || last_use.tenant.clone();
            state.note_use(&RegistryKey::Identity(tenant(), last_use.service.clone()), last_use.at);
            for grant in &last_use.grants {
                state.note_use(&RegistryKey::Grant(tenant(), *grant), last_use.at);
            }
        }
        Ok(())
    }

    async fn take_lease(&self, lease: &Lease) -> Result<bool, StoreError> {
        let mut state = self.state()?;
        let held = state.leases.get(&lease.name);
        let free = held.is_none_or(|held| held.holder == lease.holder || held.until <= lease.now);
        if free {
            state.leases.insert(lease.name.clone(), lease.clone());
        }
        Ok(free)
    }

    async fn forget_answers(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.state()?;
        let mut old: Vec<_> = state.answers.iter().filter(|(_, row)| row.created_at < before).collect();
        old.sort_by_key(|(_, row)| row.created_at);
        let keys: Vec<_> = old.into_iter().take(as_length(limit)).map(|(key, _)| key.clone()).collect();
        for key in &keys {
            state.answers.remove(key);
        }
        Ok(keys.len() as u64)
    }
}

fn as_length(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
