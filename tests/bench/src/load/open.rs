//! Arrivals come at their own rate, whatever became of those before. Latency counts from the moment at which a request
//! was due, not from the moment at which a connection was free for it: a stall is seen in full (no coordinated omission).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use super::{Connection, Latencies, Load, Requests, connect, runtime};
use crate::Outcome;

/// So many requests a second for so long.
#[derive(Clone, Copy)]
pub(crate) struct Phase {
    pub(crate) rate: f64,
    pub(crate) lasts: Duration,
}

/// When requests are due.
#[derive(Clone)]
pub(crate) struct Arrivals {
    pub(crate) phases: Vec<Phase>,
    /// A request that no connection was free for after this time is not sent any more: nobody waits for it.
    pub(crate) patience: Duration,
}

impl Arrivals {
    pub(crate) fn constant(rate: f64, lasts: Duration) -> Self {
        Self { phases: vec![Phase { rate, lasts }], patience: Duration::from_secs(10) }
    }

    /// How long after the beginning the request of this number is due; `None` after the last.
    fn due(&self, number: u64) -> Option<Duration> {
        let (mut begins, mut before) = (Duration::ZERO, 0_f64);
        for phase in &self.phases {
            let within = number as f64 - before;
            let arrivals = phase.rate * phase.lasts.as_secs_f64();
            if within < arrivals {
                return Some(begins + Duration::from_secs_f64(within / phase.rate));
            }
            before += arrivals.ceil();
            begins += phase.lasts;
        }
        None
    }
}

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Succeeded,
    /// 429 or 503; and whether the answer said when to come again.
    Refused {
        says_when: bool,
    },
    /// Any other answer.
    Failed,
    /// No answer: the connection ended, or none could be opened.
    Unconnected,
    /// Not sent: no connection was free in time.
    GivenUp,
}

/// One request that ended.
#[derive(Clone, Copy)]
pub(crate) struct Ended {
    /// When it was due, from the beginning.
    pub(crate) due: Duration,
    /// From then to its end.
    pub(crate) latency: Duration,
    pub(crate) fate: Fate,
}

impl Ended {
    /// Latencies of those that succeeded among these.
    pub(crate) fn latencies<'a>(ended: impl Iterator<Item = &'a Self>) -> Latencies {
        let mut latencies = Latencies::default();
        ended.filter(|one| one.fate == Fate::Succeeded).for_each(|one| latencies.push(one.latency));
        latencies
    }
}

/// A load whose connections are open, so that neither measured time nor a crowd's beginning is spent on handshakes.
pub(crate) struct Ready<'a> {
    load: &'a Load,
    runtime: Runtime,
    connections: Vec<Connection>,
}

impl<'a> Ready<'a> {
    pub(crate) fn connect(load: &'a Load) -> Outcome<Self> {
        let runtime = runtime()?;
        let connections = runtime.block_on(connect(load))?;
        Ok(Self { load, runtime, connections })
    }

    /// Runs the arrivals to their end.
    pub(crate) fn run(self, arrivals: &Arrivals) -> Outcome<Vec<Ended>> {
        let Self { load, runtime, connections } = self;
        runtime.block_on(async {
            let (due, count) = (Arc::new(Semaphore::new(0)), connections.len());
            let began = Instant::now() + Duration::from_millis(20);
            let clock = announce(arrivals.clone(), began, Arc::clone(&due), count);
            let next = Arc::new(AtomicU64::new(0));
            let work = |connection| {
                let worker = Worker {
                    port: load.port,
                    tls: Arc::clone(&load.tls),
                    requests: Arc::clone(&load.requests),
                    arrivals: arrivals.clone(),
                    began,
                    due: Arc::clone(&due),
                    next: Arc::clone(&next),
                };
                tokio::spawn(worker.run(connection))
            };
            let tasks: Vec<_> = connections.into_iter().map(work).collect();
            let mut ended = Vec::new();
            for task in tasks {
                ended.extend(task.await?);
            }
            clock.join().map_err(|_| "the clock of the arrivals panicked")?;
            Ok(ended)
        })
    }
}

/// Arrivals are announced so often. To wake for each by itself would take a good part of the cores that it shares with the
/// vault; that one is announced late counts as its latency.
const TICK: Duration = Duration::from_millis(1);

/// A thread of its own says when requests are due: it is punctual also when the runtime has much to do.
fn announce(
    arrivals: Arrivals,
    began: Instant,
    due: Arc<Semaphore>,
    connections: usize,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut number = 0;
        while let Some(at) = arrivals.due(number) {
            let wait = (began + at).saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                std::thread::sleep(wait.max(TICK));
            }
            // What has come due while it slept is announced at once.
            let passed = began.elapsed();
            let first = number;
            while arrivals.due(number).is_some_and(|at| at <= passed) {
                number += 1;
            }
            due.add_permits(usize::try_from(number - first).unwrap_or_default());
        }
        // One more for each connection, which then sees that there is nothing left.
        due.add_permits(connections);
    })
}

struct Worker {
    port: u16,
    tls: Arc<rustls::ClientConfig>,
    requests: Requests,
    arrivals: Arrivals,
    began: Instant,
    due: Arc<Semaphore>,
    next: Arc<AtomicU64>,
}

impl Worker {
    async fn run(self, connection: Connection) -> Vec<Ended> {
        let (mut connection, mut request, mut ended) =
            (Some(connection), Vec::with_capacity(1024), Vec::new());
        while let Ok(permit) = self.due.acquire().await {
            permit.forget();
            let Some(due) = self.arrivals.due(self.next.fetch_add(1, Ordering::Relaxed)) else { break };
            let fate = if (self.began + due).elapsed() > self.arrivals.patience {
                Fate::GivenUp
            } else {
                request.clear();
                (self.requests)(&mut request);
                self.ask(&mut connection, &request).await
            };
            ended.push(Ended { due, latency: (self.began + due).elapsed(), fate });
        }
        ended
    }

    /// Asks on the connection, or on a new one if the last was closed.
    async fn ask(&self, connection: &mut Option<Connection>, request: &[u8]) -> Fate {
        let mut used = match connection.take() {
            Some(open) => open,
            None => match Connection::open(self.port, &self.tls).await {
                Ok(open) => open,
                Err(_) => return Fate::Unconnected,
            },
        };
        let Ok(answer) = used.ask(request).await else { return Fate::Unconnected };
        if !answer.is_last {
            *connection = Some(used);
        }
        match answer.status {
            200..=299 => Fate::Succeeded,
            429 | 503 => Fate::Refused { says_when: answer.says_when },
            _ => Fate::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_due_at_even_steps_in_each_phase() {
        let second = Duration::from_secs(1);
        let arrivals = Arrivals {
            phases: vec![Phase { rate: 2.0, lasts: second }, Phase { rate: 4.0, lasts: second }],
            patience: second,
        };
        let due: Vec<_> = (0..7).map(|number| arrivals.due(number).map(|at| at.as_millis())).collect();
        let expected = [0, 500, 1000, 1250, 1500, 1750].map(Some);
        assert_eq!(due.get(..6), Some(&expected[..]));
        assert_eq!(due.last(), Some(&None));
    }
}
