//! Alarms: what somebody should look at now.
//!
//! An alarm is a record in the same transaction as the record of the act that raised it, so neither is there without the
//! other; it is also counted in the metrics and one line in the log, at once. The same alarm about the same caller and
//! object again within a minute is counted, and the count is raised when the minute is over: a storm makes few alarms, and
//! none of them falls silent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use strongroom_domain::{Action, DetokenizationPurpose, TenantId, VelocityKind};
use tokio::time::Instant;

use crate::VaultError;
use crate::audit::EventDraft;
use crate::pipeline::{Actor, Permit, record_for_watched};
use crate::vault::Core;

/// What the record of an alarm says was done.
pub(crate) const ALARM_RAISED: &str = "alarm.raised";
/// How long the same again is only counted.
const INTERVAL: Duration = Duration::from_secs(60);

/// What an alarm is about. The name is the outcome in its record and the label in the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AlarmKind {
    HoneytokenUsed,
    VelocityExceeded(VelocityKind),
}

impl AlarmKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::HoneytokenUsed => "honeytoken_used",
            Self::VelocityExceeded(VelocityKind::Reveal) => "reveal_velocity_exceeded",
            Self::VelocityExceeded(VelocityKind::Decrypt) => "decrypt_velocity_exceeded",
            Self::VelocityExceeded(VelocityKind::Search) => "search_velocity_exceeded",
            Self::VelocityExceeded(VelocityKind::Miss) => "miss_velocity_exceeded",
        }
    }
}

/// An alarm about a caller.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) kind: AlarmKind,
    pub(crate) tenant: TenantId,
    pub(crate) actor: Arc<str>,
    /// The token, or the limit.
    pub(crate) object: String,
    pub(crate) purpose: Option<DetokenizationPurpose>,
    /// How often, since it was raised last.
    pub(crate) count: u32,
}

type Subject = (AlarmKind, TenantId, Arc<str>, String);

/// The alarms that were raised a moment ago.
#[derive(Default)]
pub(crate) struct Alarms(Mutex<HashMap<Subject, Raised>>);

struct Raised {
    again_from: Instant,
    /// The same again since, not on record yet.
    waiting: Option<Alarm>,
}

impl Alarms {
    /// Whether to raise it now, and with which count; otherwise it is counted.
    fn admit(&self, alarm: Alarm) -> Option<Alarm> {
        let now = Instant::now();
        let mut raised = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = raised.entry(alarm.subject()).or_insert(Raised { again_from: now, waiting: None });
        let waiting = known.waiting.take().map_or(0, |waiting| waiting.count);
        let alarm = Alarm { count: alarm.count.saturating_add(waiting), ..alarm };
        if known.again_from > now {
            known.waiting = Some(alarm);
            return None;
        }
        known.again_from = now + INTERVAL;
        Some(alarm)
    }

    /// It could not be put on record: it is raised with the next one like it, or by itself.
    fn take_back(&self, alarm: Alarm) {
        let mut raised = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let known = raised.entry(alarm.subject()).or_insert(Raised { again_from: now, waiting: None });
        let waiting = known.waiting.take().map_or(0, |waiting| waiting.count);
        known.again_from = now;
        known.waiting = Some(Alarm { count: alarm.count.saturating_add(waiting), ..alarm });
    }

    /// What was counted and is to be raised by now; forgets what is over.
    fn due(&self, by: Instant) -> Vec<Alarm> {
        let mut raised = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = Vec::new();
        raised.retain(|_, known| {
            if known.again_from > by {
                return true;
            }
            let waiting = known.waiting.take();
            known.again_from = by + INTERVAL;
            let is_news = waiting.is_some();
            due.extend(waiting);
            is_news
        });
        due
    }
}

impl Alarm {
    fn subject(&self) -> Subject {
        (self.kind, self.tenant.clone(), Arc::clone(&self.actor), self.object.clone())
    }

    /// Says it at once, to whoever watches log and metrics. The token itself is in the record alone.
    fn announce(&self) {
        metrics::counter!("strongroom_alarms_total", "kind" => self.kind.as_str()).increment(1);
        tracing::warn!(
            kind = self.kind.as_str(),
            tenant = %self.tenant,
            actor = &*self.actor,
            count = self.count,
            "an alarm was raised"
        );
    }
}

/// Alarms on their way into the record. Those that do not get there are taken back.
pub(crate) struct Rising<'a> {
    alarms: &'a Alarms,
    raised: Vec<Alarm>,
}

impl<'a> Rising<'a> {
    /// The alarms that these events of a caller's request give cause for, with their records added to the events.
    pub(crate) fn with(core: &'a Core, permit: &Permit, events: &mut Vec<EventDraft>) -> Self {
        let raised: Vec<_> =
            causes(core, permit, events).into_iter().filter_map(|alarm| core.alarms.admit(alarm)).collect();
        for alarm in &raised {
            alarm.announce();
            events.push(EventDraft::alarm(alarm));
        }
        Self { alarms: &core.alarms, raised }
    }

    /// They are on record.
    pub(crate) fn recorded(mut self) {
        self.raised.clear();
    }
}

impl Drop for Rising<'_> {
    fn drop(&mut self) {
        self.raised.drain(..).for_each(|alarm| self.alarms.take_back(alarm));
    }
}

/// What is to be raised, each subject once. Whatever stands in the record as an object is looked at, so that no operation
/// can forget to: a honeytoken that is touched is on record as touched.
fn causes(core: &Core, permit: &Permit, events: &[EventDraft]) -> Vec<Alarm> {
    let Actor::Caller { tenant, id, .. } = permit.actor() else { return Vec::new() };
    let mut causes: Vec<Alarm> = Vec::new();
    let mut note = |kind, object: String, purpose| match causes
        .iter_mut()
        .find(|known| known.kind == kind && known.object == object)
    {
        Some(known) => known.count = known.count.saturating_add(1),
        None => causes.push(Alarm {
            kind,
            tenant: tenant.clone(),
            actor: Arc::clone(id),
            object,
            purpose,
            count: 1,
        }),
    };
    for (counter, purpose) in events.iter().filter_map(EventDraft::exceeded) {
        note(AlarmKind::VelocityExceeded(counter.kind()), counter.to_string(), purpose);
    }
    let snapshot = core.current.load();
    // Whoever comes with the value itself may be given its token: that is no use of the token.
    let Ok(tenant) = snapshot.tenant(tenant) else { return causes };
    if tenant.has_honeytokens() && permit.action() != Action::TokenCreate.as_str() {
        for event in events {
            for token in event.tokens() {
                let mark = core.registry().authenticator().honeytoken_mark(&tenant.tenant, token);
                if tenant.is_marked(&mark) {
                    note(AlarmKind::HoneytokenUsed, token.to_owned(), event.stated_purpose());
                }
            }
        }
    }
    causes
}

/// Raises what was counted and whose minute is over.
pub(crate) async fn raise_due(core: &Core) -> Result<(), VaultError> {
    raise(core, core.alarms.due(Instant::now())).await
}

/// Raises all that was counted: the node ends.
pub(crate) async fn raise_all(core: &Core) -> Result<(), VaultError> {
    raise(core, core.alarms.due(Instant::now() + INTERVAL)).await
}

async fn raise(core: &Core, due: Vec<Alarm>) -> Result<(), VaultError> {
    let mut rising = Rising { alarms: &core.alarms, raised: due };
    while let Some(alarm) = rising.raised.last() {
        alarm.announce();
        let request_id = core.own_request_id()?;
        let event = EventDraft::alarm(alarm);
        record_for_watched(core.committer(), (&alarm.tenant, &alarm.actor), ALARM_RAISED, request_id, event)
            .await?;
        rising.raised.pop();
    }
    Ok(())
}
