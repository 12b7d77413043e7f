//! The only place that holds the order: **authorize → prepare → commit (effects and audit) → release**.
//!
//! An operation is written against [`Operation`] and run by [`run`]; it cannot skip a step, because a step's result is
//! what the next one takes: no `Permit`, no preparation; no commit, no output. Refusals and failures are on record too.
//! What is done outside and cannot be undone goes another way, with two commits: [`Irrevocable`].

mod idempotency;
mod irrevocable;
mod limits;
mod pending;
mod permit;

use std::future::Future;
use std::sync::Arc;

use strongroom_domain::{
    Action, DetokenizationPurpose, NodeName, Principal, RequestId, Reveal, Role, RoleSet, TenantId,
    VelocityCounter,
};

use crate::alarms::Rising;
use crate::audit::EventDraft;
use crate::committer::{Committer, OnCommit, SubmitError};
use crate::jobs::refresh_registry;
use crate::ports::store::Effect;
use crate::ports::{AccessRequest, Decision};
use crate::vault::Core;
use crate::velocity::Spending;
use crate::{Call, VaultError};

pub use idempotency::{Answer, Idempotency};
pub(crate) use idempotency::{RunningRequests, run_once};
pub(crate) use irrevocable::{ActsUnderWay, Committed, Completion, Intent, Irrevocable, run_irrevocable};
pub(crate) use permit::Actor;
pub use permit::{Permit, SpentPermit};

/// How often a unit that lost a race is prepared again. Each loss means another one won, so few are ever needed.
const MAX_ATTEMPTS: usize = 16;

/// One thing the vault can do.
pub(crate) trait Operation: Sync {
    /// What the caller gets, and not before the commit.
    type Output: Send;

    /// What it is called in policies and records.
    const ACTION: Action;

    /// What the rules may look at beside who and what.
    fn access(&self) -> Access {
        Access::default()
    }

    /// Which of the caller's velocity limits bounds what it gives out.
    fn counter(&self) -> Option<VelocityCounter> {
        None
    }

    /// How many items its output counts as.
    fn items(&self, _output: &Self::Output) -> usize {
        0
    }

    /// Whether it is asked for tokens by name: one that does not exist may be a guess, and too many guesses end the
    /// answers.
    const ASKS_FOR_TOKENS: bool = false;

    /// What the record says if it never comes to preparation: the object and how many.
    fn subject(&self) -> EventDraft;

    /// Works everything out and writes nothing. May be called again if the unit lost a race.
    fn prepare(
        &self,
        permit: &Permit,
        core: &Core,
    ) -> impl Future<Output = Result<Prepared<Self::Output>, VaultError>> + Send;
}

/// What the rules may look at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Access {
    pub(crate) purpose: Option<DetokenizationPurpose>,
    pub(crate) reveal: Option<Reveal>,
    pub(crate) granted: Option<Role>,
    pub(crate) concerns_itself: bool,
    /// Whole values leave in clear. Refused where each grant that would permit it is for encrypted answers only.
    pub(crate) in_clear: bool,
}

/// A prepared operation: what to write, what to say of it, and what to release afterwards.
pub(crate) struct Prepared<T> {
    pub(crate) output: T,
    pub(crate) effects: Vec<Effect>,
    pub(crate) events: Vec<EventDraft>,
    pub(crate) on_commit: Option<OnCommit>,
}

impl<T> Prepared<T> {
    /// An operation that changes nothing but the record.
    pub(crate) fn reading(output: T, event: EventDraft) -> Self {
        Self { output, effects: Vec::new(), events: vec![event], on_commit: None }
    }
}

/// Takes an operation from the caller's wish to its durable result.
pub(crate) async fn run<O: Operation>(
    core: &Core,
    call: &Call,
    operation: &O,
) -> Result<O::Output, VaultError> {
    let permit = authorize(core, call, O::ACTION, operation.access(), || operation.subject()).await?;
    let principal = &call.principal;
    if let Err(error) = limits::check(core, principal, operation.counter(), O::ASKS_FOR_TOKENS) {
        return Err(record_failure(core, permit, operation, error).await);
    }
    carry_out(core, principal, permit, operation).await
}

/// What the operation comes to, once what it gives out is taken from the caller's limits.
async fn prepare_within_limits<O: Operation>(
    core: &Core,
    principal: &Principal,
    permit: &Permit,
    operation: &O,
) -> Result<(Prepared<O::Output>, Option<Spending>), VaultError> {
    let mut prepared = operation.prepare(permit, core).await;
    if O::ASKS_FOR_TOKENS {
        prepared = limits::count_miss(core, principal, prepared).await;
    }
    let prepared = prepared?;
    let items = operation.items(&prepared.output);
    let spending = limits::take(core, principal, operation.counter(), items).await?;
    Ok((prepared, spending))
}

/// The permit, or the refusal on record.
async fn authorize(
    core: &Core,
    call: &Call,
    action: Action,
    access: Access,
    subject: impl FnOnce() -> EventDraft + Send,
) -> Result<Permit, VaultError> {
    let roles = core.roles_of(&call.principal);
    let request = |roles: RoleSet| AccessRequest {
        principal: &call.principal,
        roles,
        action,
        purpose: access.purpose,
        reveal: access.reveal,
        granted: access.granted,
        concerns_itself: access.concerns_itself,
    };
    let permit = Permit::mint(call, action);
    let refusal = match core.policy().decide(&request(roles)) {
        Decision::Allow
            if access.in_clear
                && core.policy().decide(&request(core.roles_in_clear(&call.principal)))
                    != Decision::Allow =>
        {
            VaultError::EncryptionRequired
        }
        Decision::Allow => {
            core.note_use(&call.principal, |role| {
                core.policy().decide(&request(RoleSet::EMPTY.with(role))) == Decision::Allow
            });
            return Ok(permit);
        }
        Decision::Deny => VaultError::PermissionDenied,
        Decision::DenyPurpose => VaultError::PurposeDenied,
    };
    metrics::counter!("strongroom_refusals_total", "action" => action.as_str()).increment(1);
    Err(record_refusal(core, permit, access, subject(), refusal).await)
}

/// Prepares and commits, again if the unit lost a race; then, and only then, releases the output.
async fn carry_out<O: Operation>(
    core: &Core,
    principal: &Principal,
    mut permit: Permit,
    operation: &O,
) -> Result<O::Output, VaultError> {
    for _ in 0..MAX_ATTEMPTS {
        match prepare_within_limits(core, principal, &permit, operation).await {
            Ok((Prepared { output, effects, mut events, on_commit }, spending)) => {
                if events.is_empty() {
                    // A batch of nothing: it was asked for all the same.
                    events.push(operation.subject());
                }
                let alarms = Rising::with(core, &permit, &mut events);
                match core.committer().submit(permit, effects, events, on_commit).await {
                    Ok(()) => {
                        alarms.recorded();
                        spending.into_iter().for_each(Spending::settle);
                        return Ok(output);
                    }
                    Err(SubmitError::Conflict(returned)) => permit = returned,
                    Err(SubmitError::Failed(error)) => return Err(error),
                }
            }
            Err(error) => return Err(record_failure(core, permit, operation, error).await),
        }
        // It may have lost against another node, whose change of the registry is what to start from then.
        if let Err(error) = refresh_registry(core).await {
            return Err(record_failure(core, permit, operation, error).await);
        }
    }
    Err(record_failure(core, permit, operation, VaultError::Overloaded).await)
}

/// Puts a refusal or failure on record. If even that fails, that is the answer: nothing happens unseen.
async fn record_failure<O: Operation>(
    core: &Core,
    permit: Permit,
    operation: &O,
    error: VaultError,
) -> VaultError {
    record_refusal(core, permit, operation.access(), operation.subject(), error).await
}

async fn record_refusal(
    core: &Core,
    permit: Permit,
    access: Access,
    subject: EventDraft,
    error: VaultError,
) -> VaultError {
    let mut events = vec![subject.failed(&error).purpose(access.purpose).reveal(access.reveal)];
    let alarms = Rising::with(core, &permit, &mut events);
    match core.committer().submit(permit, Vec::new(), events, None).await {
        Ok(()) => {
            alarms.recorded();
            error
        }
        Err(SubmitError::Failed(commit_error)) => commit_error,
        Err(SubmitError::Conflict(_)) => VaultError::Internal("a record without effects conflicted"),
    }
}

/// The node's own doings, which no caller asked for: start, stop, initialisation.
pub(crate) async fn record_for_node(
    committer: &Committer,
    node: &NodeName,
    action: &'static str,
    request_id: RequestId,
    effects: Vec<Effect>,
    event: EventDraft,
) -> Result<(), VaultError> {
    let permit = Permit::mint_for_node(node, action, request_id);
    match committer.submit(permit, effects, vec![event], None).await {
        Ok(()) => Ok(()),
        Err(SubmitError::Failed(error)) => Err(error),
        Err(SubmitError::Conflict(_)) => Err(VaultError::AlreadyExists),
    }
}

/// A record about a caller that stands in no request of its own.
pub(crate) async fn record_for_watched(
    committer: &Committer,
    (tenant, id): (&TenantId, &Arc<str>),
    action: &'static str,
    request_id: RequestId,
    event: EventDraft,
) -> Result<(), VaultError> {
    let permit = Permit::mint_for_watched(tenant, id, action, request_id);
    match committer.submit(permit, Vec::new(), vec![event], None).await {
        Ok(()) => Ok(()),
        Err(SubmitError::Failed(error)) => Err(error),
        Err(SubmitError::Conflict(_)) => Err(VaultError::Internal("a record without effects conflicted")),
    }
}
