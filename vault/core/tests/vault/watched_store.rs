//! A store that tells what was written to it and lets a test stand where a database administrator would.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use strongroom_contract::MemoryStore;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{
    AliasRow, AnswerRow, Batch, BundleRow, CheckpointRow, CommitError, Effect, FingerprintKey,
    FingerprintRow, LastUse, Lease, Registry, SecurityCodeKeyRow, SecurityCodeRow, SegmentPosition,
    SegmentRow, StoreError, StreamHead, TokenCursor, TokenFilter, TokenRow, VelocityRow,
};
use strongroom_domain::{Alias, IdempotencyKey, ServiceName, TenantId, Timestamp, Token, VelocityCounter};

/// Wraps the store in memory, whose fault switches stay within reach.
pub(crate) struct WatchedStore {
    pub(crate) memory: MemoryStore,
    written: Mutex<Vec<Vec<Effect>>>,
    commits: AtomicU64,
    conflicts_to_come: AtomicUsize,
    /// What was called on behalf of requests, oldest first.
    calls: Mutex<Vec<&'static str>>,
    counts_fail: AtomicBool,
    /// Commits wait while a test holds it.
    gate: tokio::sync::RwLock<()>,
    tampering: Mutex<Tampering>,
}

type Edit<T> = Box<dyn Fn(&mut T) + Send>;

/// How rows differ, when they are read, from what the vault wrote.
#[derive(Default)]
struct Tampering {
    registry: Option<Edit<Registry>>,
    token: Option<Edit<TokenRow>>,
    alias: Option<Edit<AliasRow>>,
    bundles: Option<Edit<Vec<BundleRow>>>,
    head: Option<StreamHead>,
}

impl WatchedStore {
    pub(crate) fn new() -> Self {
        Self {
            memory: MemoryStore::new(),
            written: Mutex::default(),
            commits: AtomicU64::new(0),
            conflicts_to_come: AtomicUsize::new(0),
            calls: Mutex::default(),
            counts_fail: AtomicBool::new(false),
            gate: tokio::sync::RwLock::new(()),
            tampering: Mutex::default(),
        }
    }

    /// Every effect that was written, oldest first.
    pub(crate) fn effects(&self) -> Vec<Effect> {
        lock(&self.written).iter().flatten().cloned().collect()
    }

    /// How many tokens were written.
    pub(crate) fn tokens_written(&self) -> usize {
        self.effects().iter().filter(|effect| matches!(effect, Effect::InsertToken(_))).count()
    }

    /// How many transactions were written.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        lock(&self.calls).len()
    }

    /// The calls after so many.
    pub(crate) fn calls_since(&self, before: usize) -> Vec<&'static str> {
        lock(&self.calls)[before..].to_vec()
    }

    /// Counts of what was given out can be neither read nor written, or can be again.
    pub(crate) fn fail_counts(&self, fail: bool) {
        self.counts_fail.store(fail, Ordering::SeqCst);
    }

    fn note(&self, call: &'static str) {
        lock(&self.calls).push(call);
    }

    /// So many of the next batches with effects are told that all of these conflict.
    pub(crate) fn conflict_next(&self, batches: usize) {
        self.conflicts_to_come.store(batches, Ordering::SeqCst);
    }

    /// Somebody writes to the database past the vault.
    pub(crate) async fn intrude(&self, effect: Effect) {
        let bundle = BundleRow {
            stream: "intruder".to_owned(),
            first_sequence: self.memory.stream_head("intruder").await.unwrap().map_or(0, |head| head.size),
            count: 1,
            events: Vec::new(),
            root: [0; 32],
            range: Vec::new(),
            created_at: Timestamp::from_unix_millis(0),
        };
        self.memory.commit(&Batch { units: vec![vec![effect]], bundle }).await.unwrap();
    }

    /// Commits wait as long as the answer lives.
    pub(crate) async fn hold_commits(&self) -> tokio::sync::RwLockWriteGuard<'_, ()> {
        self.gate.write().await
    }

    /// The registry reads so from now on.
    pub(crate) fn tamper_registry(&self, edit: impl Fn(&mut Registry) + Send + 'static) {
        lock(&self.tampering).registry = Some(Box::new(edit));
    }

    /// Every token reads so from now on.
    pub(crate) fn tamper_tokens(&self, edit: impl Fn(&mut TokenRow) + Send + 'static) {
        lock(&self.tampering).token = Some(Box::new(edit));
    }

    /// Every alias leads there from now on.
    pub(crate) fn tamper_aliases(&self, edit: impl Fn(&mut AliasRow) + Send + 'static) {
        lock(&self.tampering).alias = Some(Box::new(edit));
    }

    /// Bundles read so from now on.
    pub(crate) fn tamper_bundles(&self, edit: impl Fn(&mut Vec<BundleRow>) + Send + 'static) {
        lock(&self.tampering).bundles = Some(Box::new(edit));
    }

    /// The stream stands here from now on, when asked.
    pub(crate) fn tamper_head(&self, head: StreamHead) {
        lock(&self.tampering).head = Some(head);
    }

    /// Rows read again as the vault wrote them.
    pub(crate) fn stop_tampering(&self) {
        *lock(&self.tampering) = Tampering::default();
    }

    fn as_tampered(&self, mut rows: Vec<TokenRow>) -> Vec<TokenRow> {
        if let Some(edit) = &lock(&self.tampering).token {
            rows.iter_mut().for_each(edit);
        }
        rows
    }

    fn takes_a_conflict(&self) -> bool {
        self.conflicts_to_come
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1))
            .is_ok()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Store for WatchedStore {
    async fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        let _open = self.gate.read().await;
        self.note("commit");
        let with_effects: Vec<usize> =
            (0..batch.units.len()).filter(|position| !batch.units[*position].is_empty()).collect();
        if !with_effects.is_empty() && self.takes_a_conflict() {
            return Err(CommitError::Conflict(with_effects));
        }
        let outcome = self.memory.commit(batch).await;
        if outcome.is_ok() {
            self.commits.fetch_add(1, Ordering::SeqCst);
            lock(&self.written).extend(batch.units.iter().cloned());
        }
        outcome
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.memory.check().await
    }

    async fn load_registry(&self) -> Result<Option<Registry>, StoreError> {
        let mut registry = self.memory.load_registry().await?;
        if let (Some(registry), Some(edit)) = (&mut registry, &lock(&self.tampering).registry) {
            edit(registry);
        }
        Ok(registry)
    }

    async fn registry_epoch(&self) -> Result<u64, StoreError> {
        Ok(self.load_registry().await?.map_or(0, |registry| registry.head.epoch))
    }

    async fn find_token(&self, tenant: &TenantId, token: &Token) -> Result<Option<TokenRow>, StoreError> {
        self.note("find_token");
        let found = self.memory.find_token(tenant, token).await?;
        Ok(self.as_tampered(found.into_iter().collect()).pop())
    }

    async fn find_tokens(&self, tenant: &TenantId, tokens: &[Token]) -> Result<Vec<TokenRow>, StoreError> {
        self.note("find_tokens");
        Ok(self.as_tampered(self.memory.find_tokens(tenant, tokens).await?))
    }

    async fn taken_tokens(&self, tenant: &TenantId, candidates: &[Token]) -> Result<Vec<Token>, StoreError> {
        self.note("taken_tokens");
        self.memory.taken_tokens(tenant, candidates).await
    }

    async fn list_tokens(
        &self,
        tenant: &TenantId,
        filter: &TokenFilter,
        after: Option<&TokenCursor>,
        limit: u32,
    ) -> Result<Vec<TokenRow>, StoreError> {
        Ok(self.as_tampered(self.memory.list_tokens(tenant, filter, after, limit).await?))
    }

    async fn find_aliases(&self, tenant: &TenantId, aliases: &[Alias]) -> Result<Vec<AliasRow>, StoreError> {
        let mut rows = self.memory.find_aliases(tenant, aliases).await?;
        if let Some(edit) = &lock(&self.tampering).alias {
            rows.iter_mut().for_each(edit);
        }
        Ok(rows)
    }

    async fn find_fingerprints(
        &self,
        tenant: &TenantId,
        keys: &[FingerprintKey],
    ) -> Result<Vec<FingerprintRow>, StoreError> {
        self.note("find_fingerprints");
        self.memory.find_fingerprints(tenant, keys).await
    }

    async fn find_answer(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        key: &IdempotencyKey,
    ) -> Result<Option<AnswerRow>, StoreError> {
        self.note("find_answer");
        self.memory.find_answer(tenant, service, key).await
    }

    async fn find_security_code(
        &self,
        tenant: &TenantId,
        token: &Token,
    ) -> Result<Option<SecurityCodeRow>, StoreError> {
        self.memory.find_security_code(tenant, token).await
    }

    async fn security_code_keys(&self) -> Result<Vec<SecurityCodeKeyRow>, StoreError> {
        self.memory.security_code_keys().await
    }

    async fn security_codes_live(&self, period: u32, now: Timestamp) -> Result<bool, StoreError> {
        self.memory.security_codes_live(period, now).await
    }

    async fn expired_security_codes(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, Token)>, StoreError> {
        self.memory.expired_security_codes(now, limit).await
    }

    async fn find_velocity(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        counter: VelocityCounter,
    ) -> Result<Option<VelocityRow>, StoreError> {
        self.note("find_velocity");
        if self.counts_fail.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("told to fail"));
        }
        self.memory.find_velocity(tenant, service, counter).await
    }

    async fn put_velocity(&self, row: &VelocityRow) -> Result<bool, StoreError> {
        self.note("put_velocity");
        if self.counts_fail.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("told to fail"));
        }
        self.memory.put_velocity(row).await
    }

    async fn stream_head(&self, stream: &str) -> Result<Option<StreamHead>, StoreError> {
        let tampered = lock(&self.tampering).head.clone().filter(|head| head.stream == stream);
        match tampered {
            Some(head) => Ok(Some(head)),
            None => self.memory.stream_head(stream).await,
        }
    }

    async fn streams(&self) -> Result<Vec<String>, StoreError> {
        self.memory.streams().await
    }

    async fn read_bundles(&self, stream: &str, from: u64, limit: u32) -> Result<Vec<BundleRow>, StoreError> {
        let mut bundles = self.memory.read_bundles(stream, from, limit).await?;
        if let Some(edit) = &lock(&self.tampering).bundles {
            edit(&mut bundles);
        }
        Ok(bundles)
    }

    async fn read_checkpoints(
        &self,
        stream: &str,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRow>, StoreError> {
        self.memory.read_checkpoints(stream, from_size, limit).await
    }

    async fn latest_checkpoint(&self, stream: &str) -> Result<Option<CheckpointRow>, StoreError> {
        self.memory.latest_checkpoint(stream).await
    }

    async fn segmented_until(&self, stream: &str) -> Result<u64, StoreError> {
        self.memory.segmented_until(stream).await
    }

    async fn keep_segment(&self, row: &SegmentRow) -> Result<(), StoreError> {
        self.memory.keep_segment(row).await
    }

    async fn read_segments(
        &self,
        from: Timestamp,
        until: Timestamp,
        before: Option<&SegmentPosition>,
        limit: u32,
    ) -> Result<Vec<SegmentRow>, StoreError> {
        self.memory.read_segments(from, until, before, limit).await
    }

    async fn take_lease(&self, lease: &Lease) -> Result<bool, StoreError> {
        self.memory.take_lease(lease).await
    }

    async fn keep_checkpoint(&self, row: &CheckpointRow) -> Result<(), StoreError> {
        self.memory.keep_checkpoint(row).await
    }

    async fn note_last_use(&self, uses: &[LastUse]) -> Result<(), StoreError> {
        self.memory.note_last_use(uses).await
    }

    async fn forget_answers(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.memory.forget_answers(before, limit).await
    }
}
