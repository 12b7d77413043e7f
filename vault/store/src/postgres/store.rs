use std::collections::BTreeSet;

use async_trait::async_trait;
use strongroom_core::ports::Store;
use strongroom_core::ports::store::{
    AliasRow, AnswerRow, Batch, BundleRow, CheckpointRow, CommitError, FingerprintKey, FingerprintRow,
    LastUse, Lease, Registry, SecurityCodeKeyRow, SecurityCodeRow, SegmentPosition, SegmentRow, StoreError,
    StreamHead, TokenCursor, TokenFilter, TokenRow, VelocityRow,
};
use strongroom_domain::{Alias, IdempotencyKey, ServiceName, TenantId, Timestamp, Token, VelocityCounter};

use super::audit::{bundles, checkpoints, segments};
use super::connections::{Connections, Session};
use super::failure::store_error;
use super::lookups::{Found, Wanted};
use super::rows::{Reading, command, fetch_one};
use super::values::Values;
use super::{PostgresStore, answers, commit, leases, registry, security_codes, tokens, velocity};
use crate::list::Asked;

impl PostgresStore {
    /// Closes all connections. Dropping the store loses nothing either.
    pub async fn close(self) {
        self.listening.stop();
        self.writers.close().await;
        self.readers.close().await;
    }

    async fn look_up(&self, wanted: Wanted) -> Result<Found, StoreError> {
        self.lookups.ask(wanted).await
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, batch: &Batch) -> Result<(), CommitError> {
        commit::commit(&self.writers, batch).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.registry_epoch().await?;
        with(&self.writers, async |session| {
            // Takes the locks that every commit needs; a full disk shows in the next commit only.
            command(session, LOCK_AS_A_COMMIT_DOES).await.map_err(|error| store_error(&error))?;
            let reading = Reading { table: "setting", read: |columns| columns.flag() };
            match fetch_one(session, MAY_WRITE, Values::default(), &reading).await? {
                Some(true) => Ok(()),
                _ => Err(StoreError::Unavailable("the database is read-only")),
            }
        })
        .await
    }

    async fn load_registry(&self) -> Result<Option<Registry>, StoreError> {
        with(&self.readers, registry::load).await
    }

    async fn registry_epoch(&self) -> Result<u64, StoreError> {
        with(&self.readers, registry::epoch).await
    }

    async fn registry_changed(&self) {
        self.listening.changed().await;
    }

    async fn find_token(&self, tenant: &TenantId, token: &Token) -> Result<Option<TokenRow>, StoreError> {
        let found = self.look_up(Wanted::Tokens(tenant.clone(), vec![token.clone()])).await?;
        Ok(found.tokens.into_iter().next())
    }

    async fn find_tokens(&self, tenant: &TenantId, tokens: &[Token]) -> Result<Vec<TokenRow>, StoreError> {
        Ok(self.look_up(Wanted::Tokens(tenant.clone(), distinct(tokens))).await?.tokens)
    }

    async fn taken_tokens(&self, tenant: &TenantId, candidates: &[Token]) -> Result<Vec<Token>, StoreError> {
        Ok(self.look_up(Wanted::Taken(tenant.clone(), distinct(candidates))).await?.taken)
    }

    async fn list_tokens(
        &self,
        tenant: &TenantId,
        filter: &TokenFilter,
        after: Option<&TokenCursor>,
        limit: u32,
    ) -> Result<Vec<TokenRow>, StoreError> {
        let asked = Asked { tenant, filter, after, limit };
        with(&self.readers, async |session| tokens::list(session, &asked).await).await
    }

    async fn find_aliases(&self, tenant: &TenantId, aliases: &[Alias]) -> Result<Vec<AliasRow>, StoreError> {
        Ok(self.look_up(Wanted::Aliases(tenant.clone(), distinct(aliases))).await?.aliases)
    }

    async fn find_fingerprints(
        &self,
        tenant: &TenantId,
        keys: &[FingerprintKey],
    ) -> Result<Vec<FingerprintRow>, StoreError> {
        Ok(self.look_up(Wanted::Fingerprints(tenant.clone(), distinct(keys))).await?.fingerprints)
    }

    async fn find_answer(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        key: &IdempotencyKey,
    ) -> Result<Option<AnswerRow>, StoreError> {
        Ok(self.look_up(Wanted::Answer(tenant.clone(), service.clone(), key.clone())).await?.answer)
    }

    async fn find_security_code(
        &self,
        tenant: &TenantId,
        token: &Token,
    ) -> Result<Option<SecurityCodeRow>, StoreError> {
        with(&self.readers, async |session| security_codes::find(session, tenant, token).await).await
    }

    async fn security_code_keys(&self) -> Result<Vec<SecurityCodeKeyRow>, StoreError> {
        with(&self.readers, security_codes::keys).await
    }

    async fn security_codes_live(&self, period: u32, now: Timestamp) -> Result<bool, StoreError> {
        with(&self.readers, async |session| security_codes::live(session, period, now).await).await
    }

    async fn expired_security_codes(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, Token)>, StoreError> {
        with(&self.readers, async |session| security_codes::expired(session, now, limit).await).await
    }

    async fn find_velocity(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        counter: VelocityCounter,
    ) -> Result<Option<VelocityRow>, StoreError> {
        with(&self.readers, async |session| velocity::find(session, tenant, service, counter).await).await
    }

    async fn put_velocity(&self, row: &VelocityRow) -> Result<bool, StoreError> {
        with(&self.writers, async |session| velocity::put(session, row).await).await
    }

    async fn stream_head(&self, stream: &str) -> Result<Option<StreamHead>, StoreError> {
        with(&self.readers, async |session| bundles::head(session, stream).await).await
    }

    async fn streams(&self) -> Result<Vec<String>, StoreError> {
        with(&self.readers, bundles::streams).await
    }

    async fn read_bundles(&self, stream: &str, from: u64, limit: u32) -> Result<Vec<BundleRow>, StoreError> {
        with(&self.readers, async |session| bundles::read(session, stream, from, limit).await).await
    }

    async fn read_checkpoints(
        &self,
        stream: &str,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRow>, StoreError> {
        with(&self.readers, async |session| checkpoints::read(session, stream, from_size, limit).await).await
    }

    async fn latest_checkpoint(&self, stream: &str) -> Result<Option<CheckpointRow>, StoreError> {
        with(&self.readers, async |session| checkpoints::latest(session, stream).await).await
    }

    async fn segmented_until(&self, stream: &str) -> Result<u64, StoreError> {
        with(&self.readers, async |session| segments::until(session, stream).await).await
    }

    async fn keep_segment(&self, row: &SegmentRow) -> Result<(), StoreError> {
        with(&self.writers, async |session| segments::keep(session, row).await).await
    }

    async fn read_segments(
        &self,
        from: Timestamp,
        until: Timestamp,
        before: Option<&SegmentPosition>,
        limit: u32,
    ) -> Result<Vec<SegmentRow>, StoreError> {
        with(&self.readers, async |session| segments::read(session, from, until, before, limit).await).await
    }

    async fn keep_checkpoint(&self, row: &CheckpointRow) -> Result<(), StoreError> {
        with(&self.writers, async |session| checkpoints::keep(session, row).await).await
    }

    async fn note_last_use(&self, uses: &[LastUse]) -> Result<(), StoreError> {
        with(&self.writers, async |session| registry::note_last_use(session, uses).await).await
    }

    async fn take_lease(&self, lease: &Lease) -> Result<bool, StoreError> {
        with(&self.writers, async |session| leases::take(session, lease).await).await
    }

    async fn forget_answers(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        with(&self.writers, async |session| answers::forget(session, before, limit).await).await
    }
}

/// The look of a commit to the lock table, without a row.
const LOCK_AS_A_COMMIT_DOES: &str = "\
    BEGIN; LOCK TABLE audit_streams, audit_bundles, tokens, fingerprints, token_aliases, token_tags IN ROW EXCLUSIVE MODE; ROLLBACK";
const MAY_WRITE: &str = "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'";

/// Does something on a connection of its own, and puts the connection back if it went well.
async fn with<T>(
    connections: &Connections,
    work: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut turn = connections.take().await?;
    let done = work(turn.session()?).await?;
    turn.give_back();
    Ok(done)
}

fn distinct<T: Ord + Clone>(keys: &[T]) -> Vec<T> {
    keys.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect()
}
