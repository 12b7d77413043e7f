//! The changes of a batch by kind, so that an adapter writes each kind with as few statements as can be.

use strongroom_core::ports::store::{
    AliasRow, AnswerRow, ClusterRow, Effect, FingerprintRow, JobPartRow, JobRow, RegistryHead, RegistryRow,
    SecurityCodeKeyRow, SecurityCodeRow, TagRow, TokenRow,
};
use strongroom_domain::{IdempotencyKey, JobId, ServiceName, TenantId, Timestamp, Token, TokenState};

/// A token as it is to be.
#[derive(Clone, Copy)]
pub(crate) struct Revision<'a> {
    pub(crate) row: &'a TokenRow,
    at: Timestamp,
}

impl<'a> Revision<'a> {
    /// The row version it was decided on.
    pub(crate) fn expected_row_version(&self) -> u32 {
        self.row.row_version.saturating_sub(1)
    }

    /// When it ends, if it does.
    pub(crate) fn ended_at(&self) -> Option<Timestamp> {
        (self.row.state != TokenState::Active).then_some(self.at)
    }

    /// Its sealed value; gone with its end.
    pub(crate) fn envelope(&self) -> Option<&'a [u8]> {
        self.row.envelope.as_deref().filter(|_| self.row.state == TokenState::Active)
    }

    /// Its sealed metadata; gone with its end.
    pub(crate) fn metadata_envelope(&self) -> Option<&'a [u8]> {
        self.row.metadata_envelope.as_deref().filter(|_| self.row.state == TokenState::Active)
    }
}

/// Which answer.
#[derive(Clone, Copy)]
pub(crate) struct AnswerKey<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) service: &'a ServiceName,
    pub(crate) key: &'a IdempotencyKey,
}

/// A step of the registry's head.
#[derive(Clone, Copy)]
pub(crate) struct HeadMove<'a> {
    pub(crate) expected_epoch: u64,
    pub(crate) head: &'a RegistryHead,
}

/// A security code that is to go.
#[derive(Clone, Copy)]
pub(crate) struct GoneSecurityCode<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) token: &'a Token,
    /// Only one whose time is over by then. Without it, whatever its time.
    pub(crate) expired_by: Timestamp,
}

/// Changes to security codes and their keys, in the order in which they are written.
#[derive(Default)]
pub(crate) struct SecurityCodeChanges<'a> {
    pub(crate) gone: Vec<GoneSecurityCode<'a>>,
    pub(crate) closed_keys: Vec<(u32, Timestamp)>,
    pub(crate) gone_keys: Vec<u32>,
    pub(crate) keys: Vec<&'a SecurityCodeKeyRow>,
    pub(crate) codes: Vec<&'a SecurityCodeRow>,
}

impl SecurityCodeChanges<'_> {
    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.gone.is_empty()
            && self.closed_keys.is_empty()
            && self.gone_keys.is_empty()
            && self.keys.is_empty()
            && self.codes.is_empty()
    }
}

/// Later than any time.
const EVER: Timestamp = Timestamp::from_unix_millis(i64::MAX);

/// Parts of a job that are no longer kept.
#[derive(Clone, Copy)]
pub(crate) struct ForgottenParts<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) job: &'a JobId,
    pub(crate) before: u32,
}

/// Effects by kind, each kind in the order in which they were given.
#[derive(Default)]
pub(crate) struct Changes<'a> {
    pub(crate) clusters: Vec<&'a ClusterRow>,
    pub(crate) head_moves: Vec<HeadMove<'a>>,
    pub(crate) registry_rows: Vec<&'a RegistryRow>,
    pub(crate) gone_fingerprints: Vec<&'a FingerprintRow>,
    pub(crate) gone_aliases: Vec<&'a AliasRow>,
    pub(crate) gone_tags: Vec<&'a TagRow>,
    pub(crate) revisions: Vec<Revision<'a>>,
    pub(crate) tokens: Vec<&'a TokenRow>,
    pub(crate) fingerprints: Vec<&'a FingerprintRow>,
    pub(crate) aliases: Vec<&'a AliasRow>,
    pub(crate) tags: Vec<&'a TagRow>,
    pub(crate) security_codes: SecurityCodeChanges<'a>,
    pub(crate) answers: Vec<&'a AnswerRow>,
    pub(crate) completed_answers: Vec<&'a AnswerRow>,
    pub(crate) released_answers: Vec<AnswerKey<'a>>,
    pub(crate) jobs: Vec<&'a JobRow>,
    pub(crate) job_revisions: Vec<&'a JobRow>,
    pub(crate) job_parts: Vec<&'a JobPartRow>,
    pub(crate) forgotten_parts: Vec<ForgottenParts<'a>>,
}

impl<'a> Changes<'a> {
    /// Sorts effects by kind.
    pub(crate) fn of(effects: impl IntoIterator<Item = &'a Effect>) -> Self {
        let mut changes = Self::default();
        for effect in effects {
            changes.add(effect);
        }
        changes
    }

    /// Whether there is nothing but new tokens, what leads to them, and answers: what requests for tokens consist of.
    pub(crate) fn only_add(&self) -> bool {
        self.clusters.is_empty()
            && self.head_moves.is_empty()
            && self.registry_rows.is_empty()
            && self.gone_fingerprints.is_empty()
            && self.gone_aliases.is_empty()
            && self.gone_tags.is_empty()
            && self.revisions.is_empty()
            && self.completed_answers.is_empty()
            && self.released_answers.is_empty()
            && self.security_codes.is_empty()
            && !self.concern_jobs()
    }

    /// Whether some of them are about jobs.
    pub(crate) const fn concern_jobs(&self) -> bool {
        !self.jobs.is_empty()
            || !self.job_revisions.is_empty()
            || !self.job_parts.is_empty()
            || !self.forgotten_parts.is_empty()
    }

    fn add(&mut self, effect: &'a Effect) {
        match effect {
            Effect::InsertCluster(row) => self.clusters.push(row),
            Effect::PutRegistry(row) => self.registry_rows.push(row),
            Effect::MoveRegistryHead { expected_epoch, head } => {
                self.head_moves.push(HeadMove { expected_epoch: *expected_epoch, head });
            }
            Effect::InsertToken(row) => self.tokens.push(row),
            Effect::ReviseToken { row, at } => self.revisions.push(Revision { row, at: *at }),
            Effect::InsertFingerprint(row) => self.fingerprints.push(row),
            Effect::DeleteFingerprint(row) => self.gone_fingerprints.push(row),
            Effect::InsertAlias(row) => self.aliases.push(row),
            Effect::DeleteAlias(row) => self.gone_aliases.push(row),
            Effect::InsertTag(row) => self.tags.push(row),
            Effect::DeleteTag(row) => self.gone_tags.push(row),
            Effect::InsertSecurityCodeKey(row) => self.security_codes.keys.push(row),
            Effect::CloseSecurityCodeKey { period, at } => {
                self.security_codes.closed_keys.push((*period, *at));
            }
            Effect::DeleteSecurityCodeKey { period } => self.security_codes.gone_keys.push(*period),
            Effect::PutSecurityCode(row) => self.security_codes.codes.push(row),
            Effect::DeleteSecurityCode { tenant, token, expired_by } => {
                let expired_by = expired_by.unwrap_or(EVER);
                self.security_codes.gone.push(GoneSecurityCode { tenant, token, expired_by });
            }
            Effect::InsertAnswer(row) => self.answers.push(row),
            Effect::CompleteAnswer(row) => self.completed_answers.push(row),
            Effect::ReleaseAnswer { tenant, service, key } => {
                self.released_answers.push(AnswerKey { tenant, service, key });
            }
            Effect::InsertJob(row) => self.jobs.push(row),
            Effect::ReviseJob(row) => self.job_revisions.push(row),
            Effect::InsertJobPart(row) => self.job_parts.push(row),
            Effect::ForgetJobParts { tenant, job, before } => {
                self.forgotten_parts.push(ForgottenParts { tenant, job, before: *before });
            }
        }
    }
}
