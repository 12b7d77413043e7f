//! The store as one life of one node sees it: far away, at times unreachable, at times with its answer lost.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{
    AliasRow, AnswerRow, Batch, BundleRow, CheckpointRow, CommitError, FingerprintKey, FingerprintRow,
    LastUse, Lease, Registry, SecurityCodeKeyRow, SecurityCodeRow, SegmentPosition, SegmentRow, StoreError,
    StreamHead, TokenCursor, TokenFilter, TokenRow, VelocityRow,
};
use strongroom_domain::{Alias, IdempotencyKey, ServiceName, TenantId, Timestamp, Token, VelocityCounter};
use tokio::time::sleep;

use crate::disk::{Disk, copy_of};
use crate::life::Life;
use crate::line::{Broken, Line};

/// Between a node and the store.
pub(crate) struct StoreLine {
    pub(crate) disk: Arc<Disk>,
    pub(crate) line: Arc<Line>,
    pub(crate) life: Arc<Life>,
    /// Whether a commit may be written after its caller was told that there is no answer.
    pub(crate) late_commits: bool,
}

const AWAY: StoreError = StoreError::Unavailable("the way is broken");

/// It was not taken.
const fn not_taken() -> CommitError {
    CommitError::NotWritten(AWAY)
}

/// Whether it was taken nobody can say.
const fn no_answer() -> CommitError {
    CommitError::InDoubt(AWAY)
}

impl StoreLine {
    async fn ask<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        self.line.leg(&self.life).await.map_err(|Broken| AWAY)?;
        let answer = call.await;
        self.line.leg(&self.life).await.map_err(|Broken| AWAY)?;
        answer
    }

    /// The database has the batch and writes it when the node no longer waits for it, or when the node is gone.
    fn write_later(&self, batch: &Batch) {
        let (disk, life, batch) = (Arc::clone(&self.disk), Arc::clone(&self.life), copy_of(batch));
        let pause = Duration::from_millis(self.line.dice.within(1..=3000));
        let outlives = self.line.dice.happens(500);
        tokio::spawn(async move {
            if life.during(sleep(pause)).await.is_some() || outlives {
                let _ = disk.commit(&batch).await;
            }
        });
    }
}

#[async_trait]
impl Store for StoreLine {
    async fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        if let Err(Broken) = self.line.leg(&self.life).await {
            return match self.line.dice.within(0..=2) {
                0 => Err(not_taken()),
                1 if self.late_commits => {
                    self.write_later(batch);
                    Err(no_answer())
                }
                _ => Err(no_answer()),
            };
        }
        let answer = self.disk.commit(batch).await;
        self.line.leg(&self.life).await.map_err(|Broken| no_answer())?;
        answer
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.ask(self.disk.memory.check()).await
    }

    async fn load_registry(&self) -> Result<Option<Registry>, StoreError> {
        self.ask(self.disk.memory.load_registry()).await
    }

    async fn registry_epoch(&self) -> Result<u64, StoreError> {
        self.ask(self.disk.memory.registry_epoch()).await
    }

    async fn find_token(&self, tenant: &TenantId, token: &Token) -> Result<Option<TokenRow>, StoreError> {
        self.ask(self.disk.memory.find_token(tenant, token)).await
    }

    async fn find_tokens(&self, tenant: &TenantId, tokens: &[Token]) -> Result<Vec<TokenRow>, StoreError> {
        self.ask(self.disk.memory.find_tokens(tenant, tokens)).await
    }

    async fn taken_tokens(&self, tenant: &TenantId, candidates: &[Token]) -> Result<Vec<Token>, StoreError> {
        self.ask(self.disk.memory.taken_tokens(tenant, candidates)).await
    }

    async fn list_tokens(
        &self,
        tenant: &TenantId,
        filter: &TokenFilter,
        after: Option<&TokenCursor>,
        limit: u32,
    ) -> Result<Vec<TokenRow>, StoreError> {
        self.ask(self.disk.memory.list_tokens(tenant, filter, after, limit)).await
    }

    async fn find_aliases(&self, tenant: &TenantId, aliases: &[Alias]) -> Result<Vec<AliasRow>, StoreError> {
        self.ask(self.disk.memory.find_aliases(tenant, aliases)).await
    }

    async fn find_fingerprints(
        &self,
        tenant: &TenantId,
        keys: &[FingerprintKey],
    ) -> Result<Vec<FingerprintRow>, StoreError> {
        self.ask(self.disk.memory.find_fingerprints(tenant, keys)).await
    }

    async fn find_answer(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        key: &IdempotencyKey,
    ) -> Result<Option<AnswerRow>, StoreError> {
        self.ask(self.disk.memory.find_answer(tenant, service, key)).await
    }

    async fn find_security_code(
        &self,
        tenant: &TenantId,
        token: &Token,
    ) -> Result<Option<SecurityCodeRow>, StoreError> {
        self.ask(self.disk.memory.find_security_code(tenant, token)).await
    }

    async fn security_code_keys(&self) -> Result<Vec<SecurityCodeKeyRow>, StoreError> {
        self.ask(self.disk.memory.security_code_keys()).await
    }

    async fn security_codes_live(&self, period: u32, now: Timestamp) -> Result<bool, StoreError> {
        self.ask(self.disk.memory.security_codes_live(period, now)).await
    }

    async fn expired_security_codes(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, Token)>, StoreError> {
        self.ask(self.disk.memory.expired_security_codes(now, limit)).await
    }

    async fn find_velocity(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        counter: VelocityCounter,
    ) -> Result<Option<VelocityRow>, StoreError> {
        self.ask(self.disk.memory.find_velocity(tenant, service, counter)).await
    }

    async fn put_velocity(&self, row: &VelocityRow) -> Result<bool, StoreError> {
        self.ask(self.disk.memory.put_velocity(row)).await
    }

    async fn stream_head(&self, stream: &str) -> Result<Option<StreamHead>, StoreError> {
        self.ask(self.disk.memory.stream_head(stream)).await
    }

    async fn streams(&self) -> Result<Vec<String>, StoreError> {
        self.ask(self.disk.memory.streams()).await
    }

    async fn read_bundles(&self, stream: &str, from: u64, limit: u32) -> Result<Vec<BundleRow>, StoreError> {
        self.ask(self.disk.read_bundles(stream, from, limit)).await
    }

    async fn read_checkpoints(
        &self,
        stream: &str,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRow>, StoreError> {
        self.ask(self.disk.memory.read_checkpoints(stream, from_size, limit)).await
    }

    async fn latest_checkpoint(&self, stream: &str) -> Result<Option<CheckpointRow>, StoreError> {
        self.ask(self.disk.memory.latest_checkpoint(stream)).await
    }

    async fn segmented_until(&self, stream: &str) -> Result<u64, StoreError> {
        self.ask(self.disk.memory.segmented_until(stream)).await
    }

    async fn keep_segment(&self, row: &SegmentRow) -> Result<(), StoreError> {
        self.ask(self.disk.memory.keep_segment(row)).await
    }

    async fn read_segments(
        &self,
        from: Timestamp,
        until: Timestamp,
        before: Option<&SegmentPosition>,
        limit: u32,
    ) -> Result<Vec<SegmentRow>, StoreError> {
        self.ask(self.disk.memory.read_segments(from, until, before, limit)).await
    }

    async fn take_lease(&self, lease: &Lease) -> Result<bool, StoreError> {
        self.ask(self.disk.memory.take_lease(lease)).await
    }

    async fn keep_checkpoint(&self, row: &CheckpointRow) -> Result<(), StoreError> {
        self.ask(self.disk.memory.keep_checkpoint(row)).await
    }

    async fn note_last_use(&self, uses: &[LastUse]) -> Result<(), StoreError> {
        self.ask(self.disk.memory.note_last_use(uses)).await
    }

    async fn forget_answers(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.ask(self.disk.memory.forget_answers(before, limit)).await
    }
}
