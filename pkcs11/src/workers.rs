//! The threads that call the module: each owns one session ("seat") and takes calls from one queue.
//!
//! Threads of our own rather than a pool of blocking tasks, because a call that never returns has to cost exactly one
//! thread, be seen, and be replaced. What a seat is and what a failure means is the crew's business, so all of this runs
//! in tests without any module.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use strongroom_core::ports::HsmError;

use crate::classify::Class;
use crate::fault::Fault;
use crate::gate::Gate;
use crate::queue::Queue;

/// What workers need to serve.
pub(crate) trait Crew: Send + Sync + 'static {
    /// A session and what belongs to it.
    type Seat: Send + 'static;

    /// Opens one.
    fn take_seat(&self) -> Result<Self::Seat, Fault>;

    /// Whether it belongs to the present connection. One that does not is dropped: its session is long gone.
    fn is_current(&self, seat: &Self::Seat) -> bool;

    /// Takes back a seat on which a call failed: an operation may still be active on it.
    fn retire(&self, seat: Self::Seat);

    /// Decides what a failure means.
    fn judge(&self, fault: Fault, canary: Canary<'_, Self::Seat>) -> Remedy;
}

/// A call of the same sort that has to succeed on a sound device.
pub(crate) type Canary<'a, S> = &'a mut dyn FnMut(&S) -> Result<(), Fault>;

/// What to do after a failure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The cause is mended: try again, but only once for each class.
    Once(Class),
    /// Try again in a moment.
    Later,
    /// Tell the caller.
    Refuse(HsmError),
}

/// A call, whatever it returns.
pub(crate) trait Work<S>: Send {
    fn attempt(&mut self, seat: &S) -> Result<(), Fault>;
    fn canary(&mut self, seat: &S) -> Result<(), Fault>;
    /// Whether anybody still waits for the answer.
    fn is_wanted(&self) -> bool;
    fn answer(self: Box<Self>, outcome: Result<(), HsmError>);
}

/// A call in the queue.
pub(crate) struct Job<S> {
    pub(crate) deadline: Instant,
    pub(crate) work: Box<dyn Work<S>>,
}

pub(crate) struct Workers<C: Crew> {
    crew: Arc<C>,
    gate: Arc<Gate>,
    queue: Queue<Job<C::Seat>>,
    posts: Mutex<Vec<Arc<Post>>>,
    abandoned: AtomicUsize,
    sessions: usize,
    /// How far beyond its deadline a call counts as hung.
    grace: Duration,
}

/// A worker's place, as the watchdog sees it.
struct Post(Mutex<Occupation>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Occupation {
    Idle,
    Busy { hung_at: Instant },
    Abandoned,
}

/// What the watchdog found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Watch {
    /// Workers found hanging just now.
    pub(crate) hung: usize,
    /// Workers started in their place.
    pub(crate) started: usize,
    /// Nobody serves and nobody more may be started: the module itself does not answer.
    pub(crate) exhausted: bool,
}

impl<C: Crew> Workers<C> {
    /// Starts one thread for each seat.
    pub(crate) fn start(
        crew: Arc<C>,
        gate: Arc<Gate>,
        seats: Vec<C::Seat>,
        queue_bound: usize,
        grace: Duration,
    ) -> std::io::Result<Arc<Self>> {
        let workers = Arc::new(Self {
            crew,
            gate,
            queue: Queue::bounded(queue_bound),
            posts: Mutex::new(Vec::new()),
            abandoned: AtomicUsize::new(0),
            sessions: seats.len(),
            grace,
        });
        for seat in seats {
            workers.spawn(Some(seat))?;
        }
        Ok(workers)
    }

    /// Puts a call in the queue, or gives it back when that is full.
    pub(crate) fn submit(&self, job: Job<C::Seat>) -> Result<(), Job<C::Seat>> {
        self.queue.push(job)
    }

    /// How many calls wait.
    pub(crate) fn depth(&self) -> usize {
        self.queue.depth()
    }

    /// Takes no more calls; what still waits is refused and the threads end.
    pub(crate) fn stop(&self) {
        let left: VecDeque<_> = self.queue.close();
        for job in left {
            job.work.answer(Err(HsmError::Unavailable("it is being shut down")));
        }
    }

    /// Gives up on threads that are long past their call's deadline and starts others in their place. Threads, those
    /// that hang included, never number more than twice the sessions.
    pub(crate) fn replace_hung(self: &Arc<Self>) -> Watch {
        let now = Instant::now();
        let mut posts = self.posts();
        let before = posts.len();
        posts.retain(|post| {
            let mut occupation = post.lock();
            let hangs = matches!(*occupation, Occupation::Busy { hung_at } if now >= hung_at);
            if hangs {
                *occupation = Occupation::Abandoned;
            }
            !hangs
        });
        let serving = posts.len();
        drop(posts);
        let hung = before.saturating_sub(serving);
        let abandoned = self.abandoned.fetch_add(hung, Ordering::SeqCst).saturating_add(hung);
        let room = self.sessions.saturating_mul(2).saturating_sub(abandoned).saturating_sub(serving);
        let missing = self.sessions.saturating_sub(serving).min(room);
        let started = (0..missing).filter(|_| self.spawn(None).is_ok()).count();
        Watch { hung, started, exhausted: serving == 0 && started == 0 }
    }

    fn spawn(self: &Arc<Self>, seat: Option<C::Seat>) -> std::io::Result<()> {
        let post = Arc::new(Post(Mutex::new(Occupation::Idle)));
        self.posts().push(Arc::clone(&post));
        let workers = Arc::clone(self);
        thread::Builder::new().name("hsm-worker".to_owned()).spawn(move || workers.work(&post, seat))?;
        Ok(())
    }

    fn work(&self, post: &Post, mut seat: Option<C::Seat>) {
        while let Some(mut job) = self.queue.take() {
            if !job.work.is_wanted() {
                continue;
            }
            let hung_at = job.deadline.checked_add(self.grace).unwrap_or(job.deadline);
            *post.lock() = Occupation::Busy { hung_at };
            let outcome = self.serve(&mut seat, &mut job);
            let replaced = {
                let mut occupation = post.lock();
                let replaced = *occupation == Occupation::Abandoned;
                *occupation = Occupation::Idle;
                replaced
            };
            job.work.answer(outcome);
            if replaced {
                // The call came back after all, but another thread has this one's place.
                self.abandoned.fetch_sub(1, Ordering::SeqCst);
                break;
            }
        }
        if let Some(seat) = seat {
            self.crew.retire(seat);
        }
    }

    fn serve(&self, seat: &mut Option<C::Seat>, job: &mut Job<C::Seat>) -> Result<(), HsmError> {
        let mut mended: Vec<Class> = Vec::new();
        loop {
            if Instant::now() >= job.deadline {
                return Err(HsmError::Unavailable(LATE));
            }
            let pass = self.gate.enter().ok_or(HsmError::Unavailable(AWAY))?;
            let Err(fault) = self.attempt(seat, job) else { return Ok(()) };
            if !matches!(fault, Fault::Refused(_))
                && let Some(spent) = seat.take()
            {
                self.crew.retire(spent);
            }
            match self.crew.judge(fault, &mut |seat| job.work.canary(seat)) {
                Remedy::Once(class) if !mended.contains(&class) => mended.push(class),
                Remedy::Once(_) => return Err(HsmError::Unavailable("its sessions do not hold")),
                Remedy::Later => {
                    drop(pass);
                    thread::sleep(BUSY_PAUSE);
                }
                Remedy::Refuse(error) => return Err(error),
            }
        }
    }

    fn attempt(&self, place: &mut Option<C::Seat>, job: &mut Job<C::Seat>) -> Result<(), Fault> {
        place.take_if(|seat| !self.crew.is_current(seat));
        let seat = match place {
            Some(seat) => seat,
            None => place.insert(self.crew.take_seat()?),
        };
        job.work.attempt(seat)
    }

    fn posts(&self) -> MutexGuard<'_, Vec<Arc<Post>>> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Post {
    fn lock(&self) -> MutexGuard<'_, Occupation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a caller is told whose time ran out.
pub(crate) const LATE: &str = "it did not answer in time";
/// What a caller is told while the device is away.
pub(crate) const AWAY: &str = "the device is away, it is being reconnected";

const BUSY_PAUSE: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests;
