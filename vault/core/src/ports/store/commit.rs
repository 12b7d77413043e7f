use strongroom_domain::{IdempotencyKey, JobId, ServiceName, TenantId, Timestamp, Token};

use super::{
    AliasRow, AnswerRow, BundleRow, ClusterRow, FingerprintRow, JobPartRow, JobRow, RegistryHead,
    RegistryRow, SecurityCodeKeyRow, SecurityCodeRow, StoreError, TagRow, TokenRow,
};

/// One change to the database. Changes of a unit are applied together or not at all.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Writes the cluster's one row. Conflict: there is one already.
    InsertCluster(ClusterRow),
    /// Inserts a registry row or replaces the one with the same key.
    PutRegistry(Box<RegistryRow>),
    /// Moves the registry's head on. Conflict: its epoch is not `expected_epoch` (0: there is no head yet).
    MoveRegistryHead {
        /// The epoch this change was made from.
        expected_epoch: u64,
        /// The new head.
        head: RegistryHead,
    },
    /// Adds a token. Conflict: the tenant has this token already.
    InsertToken(Box<TokenRow>),
    /// Writes what may change of a token anew: state, sealed value and metadata, aliases, tags, end, uses. One that is no longer active loses
    /// its sealed values, whatever the row says. Conflict: its row version is not the one before the row's, or it was no
    /// longer active.
    ReviseToken {
        /// The token as it is to be.
        row: Box<TokenRow>,
        /// When.
        at: Timestamp,
    },
    /// Adds a fingerprint. Conflict: it is deterministic and so is an existing row with the same key.
    InsertFingerprint(FingerprintRow),
    /// Removes a fingerprint row. A row that is gone already is no conflict.
    DeleteFingerprint(FingerprintRow),
    /// Adds an alias. Conflict: the tenant has this alias already.
    InsertAlias(AliasRow),
    /// Removes an alias. A row that is gone already is no conflict.
    DeleteAlias(AliasRow),
    /// Adds a tag. A row that is there already stays as it is.
    InsertTag(TagRow),
    /// Removes a tag. A row that is gone already is no conflict.
    DeleteTag(TagRow),
    /// Adds the key of a period for security codes. Conflict: the period has one.
    InsertSecurityCodeKey(Box<SecurityCodeKeyRow>),
    /// Closes the key of a period and removes all codes under it: what comes next is its destruction in the HSM. No conflict if
    /// it was closed before, or is gone.
    CloseSecurityCodeKey {
        /// Which period.
        period: u32,
        /// When.
        at: Timestamp,
    },
    /// Removes the key of a period, whose key in the HSM is destroyed. One that is gone already is no conflict.
    DeleteSecurityCodeKey {
        /// Which period.
        period: u32,
    },
    /// Keeps a token's security code in place of any before it. Conflict: the key of its period is closed or not there.
    PutSecurityCode(Box<SecurityCodeRow>),
    /// Removes a token's security code. None there is no conflict.
    DeleteSecurityCode {
        /// Whose.
        tenant: TenantId,
        /// Of which token.
        token: Token,
        /// Only if its time is over by then; another may have taken its place.
        expired_by: Option<Timestamp>,
    },
    /// Keeps an answer. Conflict: this caller has an answer under this key already.
    InsertAnswer(AnswerRow),
    /// Puts an answer in the place of the one that said that the request was under way. Conflict: this caller has none
    /// under this key, or it is not of the same request.
    CompleteAnswer(AnswerRow),
    /// Takes away what said that the request was under way, so that it can be made again. A row that is gone already is no
    /// conflict.
    ReleaseAnswer {
        /// Whose.
        tenant: TenantId,
        /// Who asked.
        service: ServiceName,
        /// Under which key.
        key: IdempotencyKey,
    },
    /// Begins a job. Conflict: the tenant has this job already.
    InsertJob(Box<JobRow>),
    /// Writes what may change of a job anew. Conflict: its row version is not the one before the row's, or it has ended.
    ReviseJob(Box<JobRow>),
    /// Keeps what became of a part. Conflict: it is kept already.
    InsertJobPart(Box<JobPartRow>),
    /// Forgets the parts of a job before this one. None there are no conflict.
    ForgetJobParts {
        /// Whose.
        tenant: TenantId,
        /// Of which job.
        job: JobId,
        /// The first part that stays.
        before: u32,
    },
}

/// What is written in one transaction.
#[derive(Debug)]
pub struct Batch {
    /// The changes, by unit. Most units that only read have none.
    pub units: Vec<Vec<Effect>>,
    /// The audit records of all units. Its stream must stand at `first_sequence` before, and stands at its end after.
    pub bundle: BundleRow,
}

/// Why a batch was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// These units (by position) cannot be applied; nothing was written.
    #[error("{} units of the batch conflict with what is stored", .0.len())]
    Conflict(Vec<usize>),
    /// The stream does not stand where the bundle begins: this very batch was written before, or another process has
    /// continued the stream. Nothing was written.
    #[error("the audit stream does not stand where this bundle begins")]
    Fenced,
    /// The database did not take it; nothing was written, now or later.
    #[error("{0}")]
    NotWritten(StoreError),
    /// The database did not answer: it may have written all of it, may still do so, or not at all. The same batch may
    /// be given again; it is written once at most.
    #[error("{0}; whether the commit was written is not known")]
    InDoubt(StoreError),
}
