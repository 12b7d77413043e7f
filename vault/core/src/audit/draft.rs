use strongroom_crypto::audit_v1::Event;
use strongroom_domain::{
    DetokenizationPurpose, KeyId, KeyVersion, ProfileName, Reveal, TenantId, Timestamp, Token,
};

use crate::VaultError;
use crate::pipeline::{Actor, SpentPermit};

/// What an operation says of itself for the record. Who, when and in which request come from the permit; the place in
/// the stream from the committer. There is no free-form part.
#[derive(Debug, Clone)]
pub(crate) struct EventDraft {
    object: Option<String>,
    outcome: &'static str,
    purpose: Option<DetokenizationPurpose>,
    reveal: Option<Reveal>,
    profile: Option<ProfileName>,
    key: Option<(KeyId, KeyVersion)>,
    count: u32,
    row_version: Option<u32>,
    registry_epoch: Option<u64>,
}

impl EventDraft {
    /// It was done.
    pub(crate) const fn success() -> Self {
        Self {
            object: None,
            outcome: "success",
            purpose: None,
            reveal: None,
            profile: None,
            key: None,
            count: 1,
            row_version: None,
            registry_epoch: None,
        }
    }

    /// It was refused or failed.
    pub(crate) const fn failed(mut self, error: &VaultError) -> Self {
        self.outcome = error.code();
        self
    }

    /// To what.
    pub(crate) fn object(mut self, object: impl ToString) -> Self {
        self.object = Some(object.to_string());
        self
    }

    /// To what somebody presented as a token, before it is known to be one.
    pub(crate) fn presented(self, token: &Token) -> Self {
        self.object(token.masked())
    }

    pub(crate) const fn purpose(mut self, purpose: Option<DetokenizationPurpose>) -> Self {
        self.purpose = purpose;
        self
    }

    pub(crate) const fn reveal(mut self, reveal: Option<Reveal>) -> Self {
        self.reveal = reveal;
        self
    }

    pub(crate) fn profile(mut self, profile: &ProfileName) -> Self {
        self.profile = Some(profile.clone());
        self
    }

    pub(crate) const fn key(mut self, key: KeyId, version: KeyVersion) -> Self {
        self.key = Some((key, version));
        self
    }

    /// How many things it was done to.
    pub(crate) fn count(mut self, count: usize) -> Self {
        self.count = u32::try_from(count).unwrap_or(u32::MAX);
        self
    }

    /// The version of the object's row afterwards.
    pub(crate) const fn row_version(mut self, version: u32) -> Self {
        self.row_version = Some(version);
        self
    }

    /// The registry's epoch afterwards.
    pub(crate) const fn registry_epoch(mut self, epoch: u64) -> Self {
        self.registry_epoch = Some(epoch);
        self
    }

    pub(super) fn complete(
        &self,
        permit: &SpentPermit,
        stream: &str,
        sequence: u64,
        time: Timestamp,
    ) -> Event {
        let permit = &permit.0;
        let (tenant, actor, certificate) = match permit.actor() {
            Actor::Caller { tenant, id, certificate } => {
                (tenant.clone(), id.clone(), Some(certificate.clone()))
            }
            Actor::Node(node) => (TenantId::platform(), format!("node:{node}"), None),
        };
        Event {
            stream: stream.to_owned(),
            sequence,
            time,
            tenant,
            actor,
            certificate,
            action: permit.action().to_owned(),
            object: self.object.clone(),
            outcome: self.outcome.to_owned(),
            purpose: self.purpose.map(|purpose| purpose.as_str().to_owned()),
            reveal: self.reveal.map(|reveal| reveal.as_str().to_owned()),
            profile: self.profile.as_ref().map(|profile| profile.as_str().to_owned()),
            key: self.key.map(|(id, _)| id.to_string()),
            key_version: self.key.map(|(_, version)| version.get()),
            request_id: permit.request_id().as_str().to_owned(),
            trace_id: permit.trace_id().map(|trace| trace.as_str().to_owned()),
            origin: permit.origin().map(|origin| origin.to_string()),
            count: self.count,
            row_version: self.row_version,
            registry_epoch: self.registry_epoch,
        }
    }
}
