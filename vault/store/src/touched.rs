use std::collections::HashSet;

use strongroom_core::ports::store::{Effect, FingerprintKey};
use strongroom_domain::{Alias, IdempotencyKey, JobId, ServiceName, Tag, TenantId, Token};

/// Whether two changes concern the same row, so that it matters which comes first. Registry rows are left
/// out: they are written in order, and the last one stays.
pub(crate) fn touches_a_row_twice(units: &[Vec<Effect>]) -> bool {
    let mut touched = HashSet::with_capacity(units.iter().map(Vec::len).sum());
    !units.iter().flatten().flat_map(rows_of).all(|row| touched.insert(row))
}

#[derive(PartialEq, Eq, Hash)]
enum Row<'a> {
    Cluster,
    Head,
    Token(&'a TenantId, &'a Token),
    Fingerprint(&'a TenantId, &'a FingerprintKey, &'a Token),
    Deterministic(&'a TenantId, &'a FingerprintKey),
    Alias(&'a TenantId, &'a Alias),
    Tag(&'a TenantId, &'a Tag, &'a Token),
    SecurityCodeKey(u32),
    SecurityCode(&'a TenantId, &'a Token),
    Answer(&'a TenantId, &'a ServiceName, &'a IdempotencyKey),
    Job(&'a TenantId, &'a JobId),
    JobPart(&'a TenantId, &'a JobId, u32),
}

fn rows_of(effect: &Effect) -> impl Iterator<Item = Row<'_>> {
    let (one, another) = match effect {
        Effect::InsertCluster(_) => (Some(Row::Cluster), None),
        Effect::MoveRegistryHead { .. } => (Some(Row::Head), None),
        Effect::InsertToken(row) => (Some(Row::Token(&row.tenant, &row.token)), None),
        Effect::ReviseToken { row, .. } => (Some(Row::Token(&row.tenant, &row.token)), None),
        Effect::InsertFingerprint(row) | Effect::DeleteFingerprint(row) => (
            Some(Row::Fingerprint(&row.tenant, &row.key, &row.token)),
            row.deterministic.then_some(Row::Deterministic(&row.tenant, &row.key)),
        ),
        Effect::InsertAlias(row) | Effect::DeleteAlias(row) => {
            (Some(Row::Alias(&row.tenant, &row.alias)), None)
        }
        Effect::InsertTag(row) | Effect::DeleteTag(row) => {
            (Some(Row::Tag(&row.tenant, &row.tag, &row.token)), None)
        }
        Effect::ReleaseAnswer { tenant, service, key } => (Some(Row::Answer(tenant, service, key)), None),
        Effect::InsertAnswer(row) | Effect::CompleteAnswer(row) => {
            (Some(Row::Answer(&row.tenant, &row.service, &row.key)), None)
        }
        Effect::InsertSecurityCodeKey(row) => (Some(Row::SecurityCodeKey(row.period)), None),
        Effect::CloseSecurityCodeKey { period, .. } | Effect::DeleteSecurityCodeKey { period } => {
            (Some(Row::SecurityCodeKey(*period)), None)
        }
        Effect::PutSecurityCode(row) => (Some(Row::SecurityCode(&row.tenant, &row.token)), None),
        Effect::DeleteSecurityCode { tenant, token, .. } => (Some(Row::SecurityCode(tenant, token)), None),
        Effect::InsertJob(row) | Effect::ReviseJob(row) => (Some(Row::Job(&row.tenant, &row.job)), None),
        Effect::InsertJobPart(row) => (Some(Row::JobPart(&row.tenant, &row.job, row.part)), None),
        // What is forgotten was kept by an earlier commit: a job's changes of one batch conflict on its row first.
        Effect::PutRegistry(_) | Effect::ForgetJobParts { .. } => (None, None),
    };
    one.into_iter().chain(another)
}
