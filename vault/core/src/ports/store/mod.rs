//! The database. One port, native adapters, one contract suite.
//!
//! Every finder takes the tenant first; there is none without one. The exceptions serve the node itself and reveal no
//! tenant's data: loading the registry, the audit stream and housekeeping.

mod audit;
mod commit;
mod filter;
mod lease;
mod registry;
mod security_codes;
mod tokens;
mod velocity;

use async_trait::async_trait;
use strongroom_domain::{Alias, IdempotencyKey, ServiceName, TenantId, Timestamp, Token, VelocityCounter};

pub use audit::{
    AuditFilter, AuditPosition, BundleRow, CheckpointRow, SegmentPosition, SegmentRow, StreamHead,
};
pub use commit::{Batch, CommitError, Effect};
pub use filter::TokenFilter;
pub use lease::Lease;
pub use registry::{
    ClusterRow, EncryptionKeyRow, GrantId, GrantRow, HoneytokenId, HoneytokenRow, HsmKeyRow, IdentityRow,
    KeyRow, KeyVersionRow, LastUse, ProfileRow, Registered, Registry, RegistryHead, RegistryRow, TenantRow,
};
pub use security_codes::{SecurityCodeKeyRow, SecurityCodeRow};
pub use tokens::{AliasRow, AnswerRow, FingerprintKey, FingerprintRow, TagRow, TokenCursor, TokenRow};
pub use velocity::VelocityRow;

/// Why the database did not do what was asked. Holds no text of the database: such texts repeat values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Away, busy, full or read-only: the same call may go through later.
    #[error("the database is unavailable: {0}")]
    Unavailable(&'static str),
    /// It holds something that this code never wrote.
    #[error("the database holds an unreadable {0}")]
    Unreadable(&'static str),
}

/// Durable state.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Writes all units and their audit bundle in one transaction, durable when this returns. Either all of it is
    /// written or nothing. Units that cannot be applied (a row that exists, a version that moved on) are named, so that
    /// the caller can leave them out and try again. Commits to different streams may run side by side.
    async fn commit(&self, batch: &Batch) -> Result<(), CommitError>;

    /// Whether it can be read and written at this moment.
    async fn check(&self) -> Result<(), StoreError>;

    /// The whole registry, for the node's own start; `None` before `init`.
    async fn load_registry(&self) -> Result<Option<Registry>, StoreError>;

    /// The registry's epoch alone: tells cheaply whether another node changed it.
    async fn registry_epoch(&self) -> Result<u64, StoreError>;

    /// One token's row, whatever its state.
    async fn find_token(&self, tenant: &TenantId, token: &Token) -> Result<Option<TokenRow>, StoreError>;

    /// The rows of these tokens that exist, in no particular order.
    async fn find_tokens(&self, tenant: &TenantId, tokens: &[Token]) -> Result<Vec<TokenRow>, StoreError>;

    /// Which of these tokens exist in the tenant, in any state.
    async fn taken_tokens(&self, tenant: &TenantId, candidates: &[Token]) -> Result<Vec<Token>, StoreError>;

    /// Up to `limit` tokens of the tenant that match, after the cursor, oldest first (soonest end first if the filter asks
    /// for an end), tombstones left out.
    async fn list_tokens(
        &self,
        tenant: &TenantId,
        filter: &TokenFilter,
        after: Option<&TokenCursor>,
        limit: u32,
    ) -> Result<Vec<TokenRow>, StoreError>;

    /// The rows of these aliases that exist, in no particular order.
    async fn find_aliases(&self, tenant: &TenantId, aliases: &[Alias]) -> Result<Vec<AliasRow>, StoreError>;

    /// All rows with one of these fingerprints.
    async fn find_fingerprints(
        &self,
        tenant: &TenantId,
        keys: &[FingerprintKey],
    ) -> Result<Vec<FingerprintRow>, StoreError>;

    /// The stored answer to an earlier request with this key by this caller.
    async fn find_answer(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        key: &IdempotencyKey,
    ) -> Result<Option<AnswerRow>, StoreError>;

    /// The security code of a token, whether or not its time is over.
    async fn find_security_code(
        &self,
        tenant: &TenantId,
        token: &Token,
    ) -> Result<Option<SecurityCodeRow>, StoreError>;

    /// The keys of security codes that there are, oldest period first: a handful. For the node itself, whichever tenants' codes
    /// are sealed under them.
    async fn security_code_keys(&self) -> Result<Vec<SecurityCodeKeyRow>, StoreError>;

    /// Whether a security code under the key of this period is still of use then. For housekeeping: says of no tenant.
    async fn security_codes_live(&self, period: u32, now: Timestamp) -> Result<bool, StoreError>;

    /// Whose security codes' time is over by then, at most `limit`. For housekeeping, to remove them.
    async fn expired_security_codes(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, Token)>, StoreError>;

    /// How far an identity has used up one of its velocity limits.
    async fn find_velocity(
        &self,
        tenant: &TenantId,
        service: &ServiceName,
        counter: VelocityCounter,
    ) -> Result<Option<VelocityRow>, StoreError>;

    /// Writes a count, durable when this returns `true`: the first of its counter if its row version is 1, otherwise in
    /// place of the one with the row version before. `false`: somebody else has written it since. Outside
    /// [`Store::commit`], because a node takes items in blocks, before it knows which requests will use them.
    async fn put_velocity(&self, row: &VelocityRow) -> Result<bool, StoreError>;

    /// Where a stream stands; `None` if it was never written.
    async fn stream_head(&self, stream: &str) -> Result<Option<StreamHead>, StoreError>;

    /// The names of all streams.
    async fn streams(&self) -> Result<Vec<String>, StoreError>;

    /// Up to `limit` bundles of a stream in order, beginning with the one that holds `from` or the first after it.
    async fn read_bundles(&self, stream: &str, from: u64, limit: u32) -> Result<Vec<BundleRow>, StoreError>;

    /// The checkpoints of a stream whose size is at least `from_size`, smallest first, at most `limit`.
    async fn read_checkpoints(
        &self,
        stream: &str,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRow>, StoreError>;

    /// The checkpoint of the greatest size of a stream.
    async fn latest_checkpoint(&self, stream: &str) -> Result<Option<CheckpointRow>, StoreError>;

    /// The sequence number after the last record of the stream that is in a segment.
    async fn segmented_until(&self, stream: &str) -> Result<u64, StoreError>;

    /// Keeps a segment; one with the same key stays as it is.
    async fn keep_segment(&self, row: &SegmentRow) -> Result<(), StoreError>;

    /// Up to `limit` segments before `before`, latest first, whose latest record is not earlier than `from` and whose
    /// earliest is not later than `until`.
    async fn read_segments(
        &self,
        from: Timestamp,
        until: Timestamp,
        before: Option<&SegmentPosition>,
        limit: u32,
    ) -> Result<Vec<SegmentRow>, StoreError>;

    /// Keeps a signed checkpoint; one of the same stream and size stays as it is. Outside [`Store::commit`], because a
    /// checkpoint that made a record of itself would never come to rest.
    async fn keep_checkpoint(&self, row: &CheckpointRow) -> Result<(), StoreError>;

    /// Notes when identities and grants were last used; never moves backwards, and unknown ones are passed over. Not
    /// under a MAC and not audited: the requests themselves are on record.
    async fn note_last_use(&self, uses: &[LastUse]) -> Result<(), StoreError>;

    /// Takes or renews a lease. `false`: another holder has it, and its time is not over.
    async fn take_lease(&self, lease: &Lease) -> Result<bool, StoreError>;

    /// Returns when another node may have changed the registry. A hint that can be lost, so the epoch is asked for now
    /// and then as well. Never returns where nobody else writes.
    async fn registry_changed(&self) {
        std::future::pending().await
    }

    /// Forgets stored answers made before `before`, at most `limit`; returns how many.
    async fn forget_answers(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
