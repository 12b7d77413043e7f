//! Clients and the network between them and the nodes: requests that never arrive, answers that are lost, callers that
//! go away in the middle.

use std::future::Future;
use std::pin::Pin;

use std::task::{Context, Poll};
use std::time::Duration;

use strongroom_core::{Call, Vault, VaultError};
use strongroom_domain::Action;
use tokio::time::{Instant, sleep, timeout};

use crate::clock::Mark;
use crate::hold;
use crate::world::World;

/// No request takes longer, whatever happens.
const PATIENCE: Duration = Duration::from_secs(60);
/// For so long an outage may still be the reason for a refusal.
const AFTERMATH: Duration = Duration::from_secs(10);

/// What a client learns.
#[derive(Debug)]
pub(crate) enum Reply<T> {
    /// It was done.
    Done(T),
    /// The vault refused, for a reason that lies in the request.
    Refused(VaultError),
    /// It was not done: nothing arrived, or what it takes was away.
    Undone,
    /// It may have been done.
    Unknown,
}

/// One request at one node.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) node: usize,
    pub(crate) life: u64,
    pub(crate) serving_since: Instant,
    pub(crate) begun: Instant,
    pub(crate) mark: Mark,
    pub(crate) request: String,
    pub(crate) action: Action,
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) service: &'a str,
}

/// Asks a node; `items` is how many records of success there may be at most.
pub(crate) async fn ask<T, F, R>(
    world: &World,
    node: usize,
    who: Who<'_>,
    action: Action,
    items: usize,
    request: F,
) -> (Visit, Reply<T>)
where
    F: FnOnce(Vault, Call) -> R,
    R: Future<Output = Result<T, VaultError>>,
{
    let mut visit = Visit {
        node,
        life: 0,
        serving_since: Instant::now(),
        begun: Instant::now(),
        mark: world.clock.mark(),
        request: String::new(),
        action,
    };
    let Ok(call) = world.call(who.tenant, who.service) else {
        return (visit, Reply::Undone);
    };
    visit.request = call.request_id.as_str().to_owned();
    let Some(there) = world.nodes.get(node) else { return (visit, Reply::Undone) };
    let noisy = !world.is_quiet();
    sleep(Duration::from_millis(world.dice.within(0..=3))).await;
    if noisy && world.dice.happens(10) {
        return (visit, Reply::Undone);
    }
    let Some(running) = there.running() else { return (visit, Reply::Undone) };
    visit.life = running.number;
    visit.serving_since = running.since;
    visit.begun = Instant::now();
    visit.mark = world.clock.mark();
    hold(&world.model).record.expect(&visit.request, action, items);
    let polls = if noisy && world.dice.happens(30) { world.dice.within(1..=12) } else { u64::MAX };
    let work = Patient { work: Box::pin(request(running.vault.clone(), call)), polls };
    let answer = running.life.during(timeout(PATIENCE, work)).await;
    let answer_is_lost = noisy && world.dice.happens(20);
    let reply = match answer {
        Some(Ok(Some(Ok(output)))) if !answer_is_lost => Reply::Done(output),
        Some(Ok(Some(Err(error)))) if !answer_is_lost => classify(world, &visit, error),
        Some(Err(_)) => {
            world.trace.rule(false, "every request is answered within a minute", action);
            Reply::Unknown
        }
        _ => Reply::Unknown,
    };
    world.learn_of_records().await;
    (visit, reply)
}

/// Sorts a refusal, and checks that what it says of the world is so.
fn classify<T>(world: &World, visit: &Visit, error: VaultError) -> Reply<T> {
    let reply = match error {
        VaultError::StoreUnavailable | VaultError::Overloaded | VaultError::HsmUnavailable => Reply::Undone,
        VaultError::AuditUnavailable | VaultError::IntegrityFailure | VaultError::Internal(_) => {
            Reply::Unknown
        }
        other => return Reply::Refused(other),
    };
    world.explains(std::slice::from_ref(visit), &error);
    reply
}

impl World {
    /// Whether an item was refused for a reason that lies in the world; checks that there is one.
    pub(crate) fn is_trouble(&self, visit: &Visit, error: &VaultError) -> bool {
        matches!(classify::<()>(self, visit, error.clone()), Reply::Undone | Reply::Unknown)
    }

    /// Whether one of these visits met a fault that explains the error; checks that one did.
    pub(crate) fn explains(&self, visits: &[Visit], error: &VaultError) -> bool {
        let explained = visits.iter().any(|visit| {
            let Some(node) = self.nodes.get(visit.node) else { return false };
            match error {
                VaultError::StoreUnavailable | VaultError::Overloaded | VaultError::AuditUnavailable => {
                    node.store.had_trouble(visit.begun, AFTERMATH)
                }
                VaultError::HsmUnavailable => node.hsm.had_trouble(visit.begun, AFTERMATH),
                _ => false,
            }
        });
        let rule = "an error of the vault or of what it stands on has a fault that explains it";
        let where_from = visits.last().map(|visit| (visit.node, visit.action));
        self.trace.rule(explained, rule, format_args!("{where_from:?} answered with {}", error.code()));
        explained
    }

    /// A success was released: its records are there, so many and no others, or a single one if an earlier answer was
    /// given again.
    pub(crate) fn released(&self, visit: &Visit, successes: usize, may_be_again: bool) {
        let found = hold(&self.model).record.successes(&visit.request);
        let as_expected = found == successes || may_be_again && found == 1;
        let detail = format_args!("{}: {successes} released, {found} on record", visit.action).to_string();
        self.trace.rule(as_expected, "a released success has exactly its records, durable before it", detail);
    }

    /// A request was refused: that is on record, once, and no success.
    pub(crate) fn refused(&self, visit: &Visit, error: &VaultError) {
        let model = hold(&self.model);
        let outcomes = model.record.outcomes(&visit.request);
        let detail = format!("{}: refused with {}, on record {outcomes:?}", visit.action, error.code());
        self.trace.rule(outcomes == [error.code()], "a refusal is on record, once", detail);
    }

    /// Reads what was committed since the last time.
    pub(crate) async fn learn_of_records(&self) {
        let from = hold(&self.model).record.read_so_far();
        let news = crate::model::record::read(&self.disk, from).await;
        let broken = hold(&self.model).record.take_in(news);
        if let Some((rule, detail)) = broken {
            self.trace.rule(false, rule, detail);
        }
    }
}

/// Goes away when it was kept waiting for so many turns.
struct Patient<F> {
    work: Pin<Box<F>>,
    polls: u64,
}

impl<F: Future> Future for Patient<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        match self.work.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.polls == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
