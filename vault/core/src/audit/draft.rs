use std::borrow::Cow;

use strongroom_crypto::audit_v1::EventView;
use strongroom_domain::{
    Action, Alias, DetokenizationPurpose, KeyId, KeyVersion, ProfileName, Reveal, TenantId, Timestamp, Token,
    TokenReference, VelocityCounter,
};

use super::segments::Term;
use crate::VaultError;
use crate::alarms::{ALARM_RAISED, Alarm};
use crate::pipeline::{Actor, Permit, SpentPermit};

/// What an operation says of itself for the record. Who, when and in which request come from the permit; the place in
/// the stream from the committer. There is no free-form part.
#[derive(Debug, Clone)]
pub(crate) struct EventDraft {
    /// What was done, if it is not what the permit was for.
    action: Option<&'static str>,
    object: Option<String>,
    alias: Option<Alias>,
    outcome: &'static str,
    purpose: Option<DetokenizationPurpose>,
    reveal: Option<Reveal>,
    destination: Option<String>,
    profile: Option<ProfileName>,
    key: Option<(KeyId, KeyVersion)>,
    count: u32,
    row_version: Option<u32>,
    registry_epoch: Option<u64>,
    /// Not on record here: the limit that it failed at.
    exceeded: Option<VelocityCounter>,
    /// Not on record here: tokens that it touched beside its object.
    touched: Vec<Token>,
}

impl EventDraft {
    /// It was done.
    pub(crate) const fn success() -> Self {
        Self {
            action: None,
            object: None,
            alias: None,
            outcome: "success",
            purpose: None,
            reveal: None,
            destination: None,
            profile: None,
            key: None,
            count: 1,
            row_version: None,
            registry_epoch: None,
            exceeded: None,
            touched: Vec::new(),
        }
    }

    /// It is about to be done and cannot be undone: written down before, and once more when it is known what came of it.
    pub(crate) const fn intended() -> Self {
        Self::success().came_to("intended")
    }

    /// What was done, where it is not what the request is called by but came with it.
    pub(crate) const fn doing(mut self, action: Action) -> Self {
        self.action = Some(action.as_str());
        self
    }

    /// An alarm, raised by what the other records of the request tell of.
    pub(crate) fn alarm(alarm: &Alarm) -> Self {
        let event = Self::success().object(&alarm.object).purpose(alarm.purpose);
        Self { action: Some(ALARM_RAISED), outcome: alarm.kind.as_str(), count: alarm.count, ..event }
    }

    /// It was refused or failed.
    pub(crate) const fn failed(mut self, error: &VaultError) -> Self {
        self.outcome = error.code();
        if let VaultError::VelocityExceeded { counter, .. } = error {
            self.exceeded = Some(*counter);
        }
        self
    }

    /// It was done, and what was asked about is not so.
    pub(crate) const fn invalid(mut self) -> Self {
        self.outcome = "invalid";
        self
    }

    /// It was done elsewhere, and this is what came of it.
    pub(crate) const fn came_to(mut self, outcome: &'static str) -> Self {
        self.outcome = outcome;
        self
    }

    /// To what.
    pub(crate) fn object(mut self, object: impl ToString) -> Self {
        self.object = Some(object.to_string());
        self
    }

    /// To what somebody presented as a token, before it is known to be one.
    pub(crate) fn presented(mut self, reference: &TokenReference) -> Self {
        match reference {
            TokenReference::Token(token) => self.object(token.masked()),
            TokenReference::Alias(alias) => {
                self.alias = Some(alias.clone());
                self
            }
        }
    }

    pub(crate) const fn purpose(mut self, purpose: Option<DetokenizationPurpose>) -> Self {
        self.purpose = purpose;
        self
    }

    pub(crate) const fn reveal(mut self, reveal: Option<Reveal>) -> Self {
        self.reveal = reveal;
        self
    }

    /// Where a value was, or was to be, sent.
    pub(crate) fn destination(mut self, destination: Option<&str>) -> Self {
        self.destination = destination.map(str::to_owned);
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

    /// It concerned these tokens too, which the record only counts.
    pub(crate) fn touching(mut self, tokens: Vec<Token>) -> Self {
        self.touched = tokens;
        self
    }

    /// The limit that it failed at, and what for.
    pub(crate) const fn exceeded(&self) -> Option<(VelocityCounter, Option<DetokenizationPurpose>)> {
        match self.exceeded {
            Some(counter) => Some((counter, self.purpose)),
            None => None,
        }
    }

    /// Whatever may be a token among what it concerned.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.object.as_deref().into_iter().chain(self.touched.iter().map(Token::as_str))
    }

    /// What it was for.
    pub(crate) const fn stated_purpose(&self) -> Option<DetokenizationPurpose> {
        self.purpose
    }

    /// What this event can be looked for by, beside what all events of its request can.
    pub(super) fn terms(&self) -> impl Iterator<Item = Term> {
        let alias = self.alias.as_ref().map(|alias| Term::alias(alias.as_str()));
        let object = self.object.as_deref().map(Term::object);
        let destination = self.destination.as_deref().map(Term::destination);
        let action = self.action.map(Term::action);
        std::iter::once(Term::outcome(self.outcome))
            .chain(object)
            .chain(alias)
            .chain(destination)
            .chain(action)
    }

    /// Appends the canonical bytes of the whole event.
    pub(super) fn encode(&self, context: &EventContext<'_>, sequence: u64, out: &mut Vec<u8>) {
        let EventContext { stream, time, permit, tenant, actor, certificate, origin } = context;
        let key = self.key.map(|(id, _)| id.to_string());
        EventView {
            stream,
            sequence,
            time: *time,
            tenant,
            actor,
            certificate: *certificate,
            action: self.action.unwrap_or(permit.action()),
            object: self.object.as_deref(),
            alias: self.alias.as_ref().map(Alias::as_str),
            outcome: self.outcome,
            purpose: self.purpose.map(|purpose| purpose.as_str()),
            reveal: self.reveal.map(|reveal| reveal.as_str()),
            destination: self.destination.as_deref(),
            profile: self.profile.as_ref().map(|profile| profile.as_str()),
            key: key.as_deref(),
            key_version: self.key.map(|(_, version)| version.get()),
            request_id: permit.request_id().as_str(),
            trace_id: permit.trace_id().map(|trace| trace.as_str()),
            origin: origin.as_deref(),
            count: self.count,
            row_version: self.row_version,
            registry_epoch: self.registry_epoch,
        }
        .encode(out);
    }
}

/// What all events of a request have in common.
pub(super) struct EventContext<'a> {
    stream: &'a str,
    time: Timestamp,
    permit: &'a Permit,
    tenant: Cow<'a, TenantId>,
    actor: Cow<'a, str>,
    certificate: Option<&'a str>,
    origin: Option<String>,
}

impl<'a> EventContext<'a> {
    pub(super) fn new(permit: &'a SpentPermit, stream: &'a str, time: Timestamp) -> Self {
        let permit = &permit.0;
        let (tenant, actor, certificate) = match permit.actor() {
            Actor::Caller { tenant, id, certificate } => {
                (Cow::Borrowed(tenant), Cow::Borrowed(&**id), Some(certificate.as_str()))
            }
            Actor::Watched { tenant, id } => (Cow::Borrowed(tenant), Cow::Borrowed(&**id), None),
            Actor::Node(node) => (Cow::Owned(TenantId::platform()), Cow::Owned(format!("node:{node}")), None),
        };
        let origin = permit.origin().map(|origin| origin.to_string());
        Self { stream, time, permit, tenant, actor, certificate, origin }
    }

    /// What all events of the request can be looked for by.
    pub(super) fn terms(&self) -> [Term; 4] {
        [
            Term::tenant(self.tenant.as_str()),
            Term::actor(&self.actor),
            Term::action(self.permit.action()),
            Term::request_id(self.permit.request_id().as_str()),
        ]
    }
}
