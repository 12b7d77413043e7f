//! Acts that cannot be undone: **authorize → prepare → commit the intent → act → commit what came of it → release**.
//!
//! What a destination was sent cannot be called back, so the record says beforehand what is about to be done. If the
//! vault dies in between, the record says `intended` and nothing else: it may have happened. The order is in the types:
//! an operation hands in an [`Intent`], whose act nobody can take out; the pipeline commits it and gives the act back as
//! [`Committed`], without which there is nothing to do; and what came of it becomes an answer only in [`Completion`],
//! which is released when it is durable.
//!
//! From the intent on, a task of its own goes through to the end, whether or not the caller still waits.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use strongroom_domain::{Action, VelocityCounter};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::idempotency::{RunningRequest, Sealing};
use super::pending::OwnedIdempotency;
use super::{Access, Answer, Idempotency, MAX_ATTEMPTS, Permit, authorize, limits, record_refusal};
use crate::alarms::Rising;
use crate::audit::EventDraft;
use crate::committer::SubmitError;
use crate::jobs::refresh_registry;
use crate::ports::store::Effect;
use crate::vault::Core;
use crate::velocity::Spending;
use crate::{Call, VaultError};

/// One thing the vault can have done, and cannot undo.
pub(crate) trait Irrevocable: Send + Sync + 'static {
    /// Everything at hand to do it.
    type Act: Send + 'static;
    /// What came of it, however it ended.
    type Outcome: Send + Sync + 'static;
    /// What the caller gets, and not before the second commit.
    type Output: Send + Sync + 'static;

    /// What it is called in policies and records.
    const ACTION: Action;

    /// What the rules may look at beside who and what.
    fn access(&self) -> Access;

    /// Which of the caller's velocity limits bounds what it gives out.
    fn counter(&self) -> Option<VelocityCounter>;

    /// How many items its act gives out.
    fn items(&self, act: &Self::Act) -> usize;

    /// What the record says if it never comes to an intent.
    fn subject(&self) -> EventDraft;

    /// Refuses what must not even be looked at.
    fn check(&self, has_key: bool) -> Result<(), VaultError>;

    /// Works everything out and does nothing. May be called again if the unit lost a race.
    fn prepare(
        &self,
        permit: &Permit,
        core: &Core,
    ) -> impl Future<Output = Result<Intent<Self::Act>, VaultError>> + Send;

    /// How long whoever asks for the same meanwhile, on another node, is told that it is still running.
    fn lasts(&self, act: &Self::Act) -> std::time::Duration;

    /// Does it.
    fn act(&self, act: Committed<Self::Act>) -> impl Future<Output = Self::Outcome> + Send;

    /// Works out what to write and say of what came of it. May be called again if the unit lost a race.
    fn complete(
        &self,
        permit: &Permit,
        core: &Core,
        outcome: &Self::Outcome,
    ) -> impl Future<Output = Completion<Self::Output>> + Send;
}

/// What is about to be done, and what is written before. The act inside is out of reach until then.
pub(crate) struct Intent<A> {
    act: A,
    effects: Vec<Effect>,
    events: Vec<EventDraft>,
}

impl<A> Intent<A> {
    pub(crate) const fn new(act: A, effects: Vec<Effect>, events: Vec<EventDraft>) -> Self {
        Self { act, effects, events }
    }
}

/// An act whose intent is durable.
pub(crate) struct Committed<A>(A);

impl<A> Committed<A> {
    /// To do it, now.
    pub(crate) fn into_inner(self) -> A {
        self.0
    }
}

/// What came of it: what is written, and what is released or refused afterwards.
pub(crate) struct Completion<T> {
    pub(crate) output: Result<T, VaultError>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) events: Vec<EventDraft>,
}

/// Takes an operation from the caller's wish to its durable result. With a key, it is done once at most: whoever asks
/// again gets what came of it, or is told that nobody knows.
pub(crate) async fn run_irrevocable<O, R>(
    core: &Arc<Core>,
    call: &Call,
    operation: O,
    idempotency: Option<Idempotency<'_>>,
    render: R,
) -> Result<Answer, VaultError>
where
    O: Irrevocable,
    R: Fn(Result<&O::Output, &VaultError>) -> Answer + Send + Sync + 'static,
{
    let permit = authorize(core, call, O::ACTION, operation.access(), || operation.subject()).await?;
    let within_limits = limits::check(core, &call.principal, operation.counter(), true);
    let begun = within_limits.and_then(|()| operation.check(idempotency.is_some())).and_then(|()| {
        let running = idempotency.as_ref().map(|once| core.running().begin(&call.principal, &once.key));
        running.transpose()
    });
    let running = match begun {
        Ok(running) => running,
        Err(error) => {
            return Err(record_refusal(core, permit, operation.access(), operation.subject(), error).await);
        }
    };
    let once = idempotency.as_ref().map(|once| OwnedIdempotency::of(&call.principal, once));
    let run = Run { core: Arc::clone(core), call: call.clone(), operation, once, render, _running: running };
    let (reply, answer) = oneshot::channel();
    core.acts().spawn(async move {
        let answer = run.carry_out(permit, &reply).await;
        // Whoever asked may have gone away.
        let _ = reply.send(answer);
    });
    answer.await.unwrap_or(Err(VaultError::Internal("an act that cannot be undone broke off")))
}

struct Run<O, R> {
    core: Arc<Core>,
    call: Call,
    operation: O,
    once: Option<OwnedIdempotency>,
    render: R,
    /// Held until the end, so that the same request is not begun again here.
    _running: Option<RunningRequest>,
}

/// Where preparation led to.
enum Prospect<A> {
    /// It can be done; what it gives out is taken from the caller's limits.
    Act(Intent<A>, Option<Sealing>, Option<Spending>),
    /// It was done before, and this was the answer.
    Answered(Answer),
}

impl<O, R> Run<O, R>
where
    O: Irrevocable,
    R: Fn(Result<&O::Output, &VaultError>) -> Answer + Send + Sync,
{
    async fn carry_out(
        &self,
        permit: Permit,
        reply: &oneshot::Sender<Result<Answer, VaultError>>,
    ) -> Result<Answer, VaultError> {
        let (act, sealing) = match self.intend(permit, reply).await? {
            Intended::Committed(act, sealing) => (act, sealing),
            Intended::Answered(answer) => return Ok(answer),
        };
        let outcome = self.operation.act(act).await;
        self.complete(&outcome, sealing.as_ref()).await
    }

    /// Puts the intent on record, again from the start if the unit lost a race.
    async fn intend(
        &self,
        mut permit: Permit,
        reply: &oneshot::Sender<Result<Answer, VaultError>>,
    ) -> Result<Intended<O::Act>, VaultError> {
        for _ in 0..MAX_ATTEMPTS {
            let (act, sealing, effects, mut events, spending) = match self.prospect(&permit).await {
                Ok(Prospect::Act(Intent { act, effects, events }, sealing, spending)) => {
                    (Ok(act), sealing, effects, events, spending)
                }
                Ok(Prospect::Answered(answer)) => {
                    let event = self.operation.subject().came_to("repeated");
                    (Err(answer), None, Vec::new(), vec![event], None)
                }
                Err(error) => return Err(self.refuse(permit, error).await),
            };
            if reply.is_closed() {
                // Nothing was done yet, and nobody waits for it.
                return Err(VaultError::Internal("whoever asked went away before anything was done"));
            }
            let alarms = Rising::with(&self.core, &permit, &mut events);
            match self.core.committer().submit(permit, effects, events, None).await {
                Ok(()) => {
                    alarms.recorded();
                    // From here on it goes through to the end.
                    spending.into_iter().for_each(Spending::settle);
                    return Ok(match act {
                        Ok(act) => Intended::Committed(Committed(act), sealing),
                        Err(answer) => Intended::Answered(answer),
                    });
                }
                Err(SubmitError::Conflict(returned)) => permit = returned,
                Err(SubmitError::Failed(error)) => return Err(error),
            }
            if let Err(error) = refresh_registry(&self.core).await {
                return Err(self.refuse(permit, error).await);
            }
        }
        Err(self.refuse(permit, VaultError::Overloaded).await)
    }

    async fn prospect(&self, permit: &Permit) -> Result<Prospect<O::Act>, VaultError> {
        if let Some(once) = &self.once
            && let Some(answer) = once.find(&self.core).await?
        {
            return Ok(Prospect::Answered(answer));
        }
        let sealing = match &self.once {
            Some(once) => Some(once.sealing(&self.core).await?),
            None => None,
        };
        let (core, principal) = (&*self.core, &self.call.principal);
        let prepared = self.operation.prepare(permit, core).await;
        let mut intent = limits::count_miss(core, principal, prepared).await?;
        let items = self.operation.items(&intent.act);
        let spending = limits::take(core, principal, self.operation.counter(), items).await?;
        if let (Some(once), Some(sealing)) = (&self.once, &sealing) {
            let until = self.core.clock().now().plus(self.operation.lasts(&intent.act));
            intent.effects.push(Effect::InsertAnswer(once.pending(&self.core, sealing, until)?));
        }
        Ok(Prospect::Act(intent, sealing, spending))
    }

    /// Puts on record what came of it, and only then gives it out.
    async fn complete(&self, outcome: &O::Outcome, sealing: Option<&Sealing>) -> Result<Answer, VaultError> {
        let mut permit = Permit::mint(&self.call, O::ACTION);
        for _ in 0..MAX_ATTEMPTS {
            let Completion { output, mut effects, events } =
                self.operation.complete(&permit, &self.core, outcome).await;
            let answer = (self.render)(output.as_ref());
            let nothing_was_done = output.as_ref().is_err_and(VaultError::says_nothing_was_sent);
            if let (Some(once), Some(sealing)) = (&self.once, sealing) {
                effects.push(if nothing_was_done {
                    once.release()
                } else {
                    Effect::CompleteAnswer(once.answered(&self.core, sealing, &answer)?)
                });
            }
            match self.core.committer().submit(permit, effects, events, None).await {
                Ok(()) => return output.map(|_| answer),
                Err(SubmitError::Conflict(returned)) => permit = returned,
                Err(SubmitError::Failed(error)) => return Err(unrecorded(error, nothing_was_done)),
            }
            if let Err(error) = refresh_registry(&self.core).await {
                return Err(unrecorded(error, nothing_was_done));
            }
        }
        Err(unrecorded(VaultError::Overloaded, false))
    }

    async fn refuse(&self, permit: Permit, error: VaultError) -> VaultError {
        record_refusal(&self.core, permit, self.operation.access(), self.operation.subject(), error).await
    }
}

enum Intended<A> {
    Committed(Committed<A>, Option<Sealing>),
    Answered(Answer),
}

/// The record has the intent and no more. The answer is not given out, and the caller is told what that means.
fn unrecorded(error: VaultError, nothing_was_done: bool) -> VaultError {
    tracing::error!(%error, "what came of an act that cannot be undone is not on record");
    metrics::counter!("strongroom_unrecorded_acts_total").increment(1);
    if nothing_was_done {
        return error;
    }
    VaultError::ForwardOutcomeUnknown(
        "the request was sent, and what came of it could not be put on record: it may have been carried out"
            .to_owned(),
    )
}

/// The acts that this node is at work on. They outlive the callers who asked for them, but not the vault.
#[derive(Default)]
pub(crate) struct ActsUnderWay(Mutex<JoinSet<()>>);

impl ActsUnderWay {
    fn spawn(&self, act: impl Future<Output = ()> + Send + 'static) {
        let mut acts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What has ended is taken off, so that the set holds no more than is under way.
        while acts.try_join_next().is_some() {}
        acts.spawn(act);
    }

    /// Waits until none is left.
    pub(crate) async fn all_done(&self) {
        let mut acts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        while acts.join_next().await.is_some() {}
    }
}
