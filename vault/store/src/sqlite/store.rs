use async_trait::async_trait;
use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{
    AliasRow, AnswerRow, Batch, BundleRow, CheckpointRow, CommitError, FingerprintKey, FingerprintRow,
    LastUse, Lease, Registry, SecurityCodeKeyRow, SecurityCodeRow, SegmentPosition, SegmentRow, StoreError,
    StreamHead, TokenCursor, TokenFilter, TokenRow, VelocityRow,
};
use strongroom_domain::{Alias, IdempotencyKey, ServiceName, TenantId, Timestamp, Token, VelocityCounter};

use super::audit::{bundles, checkpoints, segments};
use super::commit::commit;
use super::failure::store_error;
use super::lookups::Wanted;
use super::rows::{Reading, command, fetch_one};
use super::values::Values;
use super::{SqliteStore, answers, leases, registry, security_codes, tokens, velocity};
use crate::list::Asked;

impl SqliteStore {
    /// Moves the write-ahead log into the file and empties it. Erased values are overwritten in the file at once, but
    /// their old pages stay in the log until then: call it every few minutes, so that "erased" is true of the disk.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let mut turn = self.writer.take().await?;
        let reading = Reading { table: "log", read: |columns| columns.flag() };
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let waited_in_vain = fetch_one(&mut turn.connection, sql, Values::default(), &reading).await?;
        turn.give_back();
        match waited_in_vain {
            Some(false) => Ok(()),
            _ => Err(StoreError::Unavailable("the log is being read")),
        }
    }

    /// Waits for what is under way and closes all connections. Dropping the store loses nothing either.
    pub async fn close(self) {
        self.readers.close().await;
        self.checkpoints.close().await;
        self.writer.close().await;
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(|error| store_error(&error))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        let mut turn = self.writer.take().await.map_err(CommitError::NotWritten)?;
        let result = commit(&mut turn.connection, batch).await;
        if matches!(result, Ok(()) | Err(CommitError::Conflict(_) | CommitError::Fenced)) {
            turn.give_back();
        }
        result
    }

    async fn check(&self) -> Result<(), StoreError> {
        registry::epoch(&mut *self.reader().await?).await?;
        let mut turn = self.writer.take().await?;
        // Takes the lock that every write needs, which a read-only or locked file refuses; a full disk shows in the
        // next commit only.
        command(&mut turn.connection, "BEGIN IMMEDIATE").await?;
        command(&mut turn.connection, "ROLLBACK").await?;
        turn.give_back();
        Ok(())
    }

    async fn load_registry(&self) -> Result<Option<Registry>, StoreError> {
        // On the writing connection, so that no row changes between the first table and the last.
        let mut turn = self.writer.take().await?;
        let registry = registry::load(&mut turn.connection).await?;
        turn.give_back();
        Ok(registry)
    }

    async fn registry_epoch(&self) -> Result<u64, StoreError> {
        registry::epoch(&mut *self.reader().await?).await
    }

    async fn find_token(&self, tenant: &TenantId, token: &Token) -> Result<Option<TokenRow>, StoreError> {
        let wanted = Wanted::Tokens(tenant.clone(), vec![token.clone()]);
        Ok(self.lookups.ask(wanted).await?.tokens.pop())
    }

    async fn find_tokens(&self, tenant: &TenantId, tokens: &[Token]) -> Result<Vec<TokenRow>, StoreError> {
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.lookups.ask(Wanted::Tokens(tenant.clone(), distinct(tokens))).await?.tokens)
    }

    async fn taken_tokens(&self, tenant: &TenantId, candidates: &[Token]) -> Result<Vec<Token>, StoreError> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.lookups.ask(Wanted::Taken(tenant.clone(), distinct(candidates))).await?.taken)
    }

    async fn list_tokens(
        &self,
        tenant: &TenantId,
        filter: &TokenFilter,
        after: Option<&TokenCursor>,
        limit: u32,
    ) -> Result<Vec<TokenRow>, StoreError> {
        let asked = Asked { tenant, filter, after, limit };
        tokens::list(&mut *self.reader().await?, &asked).await
    }

    async fn find_aliases(&self, tenant: &TenantId, aliases: &[Alias]) -> Result<Vec<AliasRow>, StoreError> {
        if aliases.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.lookups.ask(Wanted::Aliases(tenant.clone(), distinct(aliases))).await?.aliases)
    }

    async fn find_fingerprints(
        &self,
        tenant: &TenantId,
        keys: &[FingerprintKey],
    ) -> Result<Vec<FingerprintRow>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.lookups.ask(Wanted::Fingerprints(tenant.clone(), distinct(keys))).await?.fingerprints)
    }

    async fn find_answer(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        key: &IdempotencyKey,
    ) -> Result<Option<AnswerRow>, StoreError> {
        let wanted = Wanted::Answer(tenant.clone(), service.clone(), key.clone());
        Ok(self.lookups.ask(wanted).await?.answer)
    }

    async fn find_security_code(
        &self,
        tenant: &TenantId,
        token: &Token,
    ) -> Result<Option<SecurityCodeRow>, StoreError> {
        security_codes::find(&mut *self.reader().await?, tenant, token).await
    }

    async fn security_code_keys(&self) -> Result<Vec<SecurityCodeKeyRow>, StoreError> {
        security_codes::keys(&mut *self.reader().await?).await
    }

    async fn security_codes_live(&self, period: u32, now: Timestamp) -> Result<bool, StoreError> {
        security_codes::live(&mut *self.reader().await?, period, now).await
    }

    async fn expired_security_codes(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, Token)>, StoreError> {
        security_codes::expired(&mut *self.reader().await?, now, limit).await
    }

    async fn find_velocity(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        counter: VelocityCounter,
    ) -> Result<Option<VelocityRow>, StoreError> {
        velocity::find(&mut *self.reader().await?, tenant, service, counter).await
    }

    async fn put_velocity(&self, row: &VelocityRow) -> Result<bool, StoreError> {
        let mut turn = self.writer.take().await?;
        let written = velocity::put(&mut turn.connection, row).await?;
        turn.give_back();
        Ok(written)
    }

    async fn stream_head(&self, stream: &str) -> Result<Option<StreamHead>, StoreError> {
        bundles::head(&mut *self.reader().await?, stream).await
    }

    async fn streams(&self) -> Result<Vec<String>, StoreError> {
        bundles::streams(&mut *self.reader().await?).await
    }

    async fn read_bundles(&self, stream: &str, from: u64, limit: u32) -> Result<Vec<BundleRow>, StoreError> {
        bundles::read(&mut *self.reader().await?, stream, from, limit).await
    }

    async fn read_checkpoints(
        &self,
        stream: &str,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRow>, StoreError> {
        checkpoints::read(&mut *self.reader().await?, stream, from_size, limit).await
    }

    async fn latest_checkpoint(&self, stream: &str) -> Result<Option<CheckpointRow>, StoreError> {
        checkpoints::latest(&mut *self.reader().await?, stream).await
    }

    async fn segmented_until(&self, stream: &str) -> Result<u64, StoreError> {
        segments::until(&mut *self.reader().await?, stream).await
    }

    async fn keep_segment(&self, row: &SegmentRow) -> Result<(), StoreError> {
        let mut turn = self.writer.take().await?;
        segments::keep(&mut turn.connection, row).await?;
        turn.give_back();
        Ok(())
    }

    async fn read_segments(
        &self,
        from: Timestamp,
        until: Timestamp,
        before: Option<&SegmentPosition>,
        limit: u32,
    ) -> Result<Vec<SegmentRow>, StoreError> {
        segments::read(&mut *self.reader().await?, from, until, before, limit).await
    }

    async fn keep_checkpoint(&self, row: &CheckpointRow) -> Result<(), StoreError> {
        let mut turn = self.writer.take().await?;
        checkpoints::keep(&mut turn.connection, row).await?;
        turn.give_back();
        Ok(())
    }

    async fn note_last_use(&self, uses: &[LastUse]) -> Result<(), StoreError> {
        let mut turn = self.writer.take().await?;
        registry::note_last_use(&mut turn.connection, uses).await?;
        turn.give_back();
        Ok(())
    }

    async fn take_lease(&self, lease: &Lease) -> Result<bool, StoreError> {
        let mut turn = self.writer.take().await?;
        let taken = leases::take(&mut turn.connection, lease).await?;
        turn.give_back();
        Ok(taken)
    }

    async fn forget_answers(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut turn = self.writer.take().await?;
        let forgotten = answers::forget(&mut turn.connection, before, limit).await?;
        turn.give_back();
        Ok(forgotten)
    }
}

/// Asked for twice is answered once.
fn distinct<K: Ord + Clone>(keys: &[K]) -> Vec<K> {
    let mut distinct = keys.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}
