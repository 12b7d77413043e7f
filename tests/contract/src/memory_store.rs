//! The store in memory: for the core's own tests and for simulations, with faults on demand.

mod state;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{
    AnswerRow, AuditFilter, AuditPosition, Batch, BundleRow, CheckpointRow, CommitError, FingerprintKey,
    FingerprintRow, IndexRow, LastUse, Registry, StoreError, StreamHead, TokenCursor, TokenRow,
};
use strongroom_domain::{IdempotencyKey, ServiceName, TenantId, Timestamp, Token, TokenState};

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

    /// The next commit that succeeds is written, but its caller is told that the database is unavailable.
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
        let mut faults = self.faults()?;
        if let Some(error) = &faults.commits {
            return Err(error.clone());
        }
        self.state.lock().map_err(|_| POISONED)?.commit(batch)?;
        faults.commits_written += 1;
        if std::mem::take(&mut faults.loses_next_answer) {
            return Err(StoreError::Unavailable("the answer was lost").into());
        }
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        match &self.faults()?.commits {
            Some(CommitError::Store(error)) => return Err(*error),
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
        after: Option<&TokenCursor>,
        limit: u32,
    ) -> Result<Vec<TokenRow>, StoreError> {
        let mut rows: Vec<TokenRow> = self.state()?.tokens.values().cloned().collect();
        rows.retain(|row| {
            let seen = after
                .is_some_and(|cursor| (row.created_at, &row.token) <= (cursor.created_at, &cursor.token));
            row.tenant == *tenant && row.state != TokenState::Deleted && !seen
        });
        rows.sort_by(|left, right| (left.created_at, &left.token).cmp(&(right.created_at, &right.token)));
        rows.truncate(as_length(limit));
        Ok(rows)
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

    async fn stream_head(&self, stream: &str) -> Result<Option<StreamHead>, StoreError> {
        Ok(self.state()?.streams.get(stream).cloned())
    }

    async fn streams(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.state()?.streams.keys().cloned().collect())
    }

    async fn read_bundles(&self, stream: &str, from: u64, limit: u32) -> Result<Vec<BundleRow>, StoreError> {
        let state = self.state()?;
        let of_stream = state.bundles.values().filter(|bundle| bundle.stream == stream);
        let reaching = of_stream.filter(|bundle| bundle.first_sequence + u64::from(bundle.count) > from);
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

    async fn indexed_until(&self, stream: &str) -> Result<u64, StoreError> {
        Ok(self.state()?.indexed_until.get(stream).copied().unwrap_or(0))
    }

    async fn index_events(&self, stream: &str, rows: &[IndexRow], until: u64) -> Result<(), StoreError> {
        let mut state = self.state()?;
        for row in rows {
            state.index.entry((row.tenant.clone(), row.position.clone())).or_insert_with(|| row.clone());
        }
        let mark = state.indexed_until.entry(stream.to_owned()).or_insert(0);
        *mark = until.max(*mark);
        Ok(())
    }

    async fn search_events(
        &self,
        tenant: Option<&TenantId>,
        filter: &AuditFilter,
        before: Option<&AuditPosition>,
        limit: u32,
    ) -> Result<Vec<AuditPosition>, StoreError> {
        let state = self.state()?;
        let visible = state.index.values().filter(|row| tenant.is_none_or(|tenant| row.tenant == *tenant));
        let mut found: Vec<AuditPosition> = visible
            .filter(|row| matches(row, filter) && before.is_none_or(|before| row.position < *before))
            .map(|row| row.position.clone())
            .collect();
        found.sort_by(|left, right| right.cmp(left));
        found.truncate(as_length(limit));
        Ok(found)
    }

    async fn keep_checkpoint(&self, row: &CheckpointRow) -> Result<(), StoreError> {
        self.state()?.checkpoints.insert((row.stream.clone(), row.size), row.clone());
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

fn matches(row: &IndexRow, filter: &AuditFilter) -> bool {
    let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
    filter.from.is_none_or(|from| row.position.time >= from)
        && filter.to.is_none_or(|to| row.position.time < to)
        && is(&filter.actor, &row.actor)
        && is(&filter.action, &row.action)
        && (filter.object.is_none() || filter.object == row.object)
        && is(&filter.outcome, &row.outcome)
        && is(&filter.request_id, &row.request_id)
}

fn as_length(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
