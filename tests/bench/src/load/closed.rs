use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use super::{Connection, Latencies, Load, connect, runtime, warm_up};
use crate::Outcome;

/// What came of a measurement.
pub(crate) struct Measured {
    pub(crate) requests: u64,
    pub(crate) elapsed: Duration,
    /// CPU time that was used meanwhile by what is measured.
    pub(crate) cpu: Duration,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }

    /// Requests a second of CPU time, the measure in which the load generator does not count.
    pub(crate) fn per_cpu_second(&self) -> f64 {
        self.requests as f64 / self.cpu.as_secs_f64()
    }

    pub(crate) fn cpu_per_request(&self) -> Duration {
        self.cpu / u32::try_from(self.requests.max(1)).unwrap_or(u32::MAX)
    }
}

const WARMING_UP: u8 = 0;
const MEASURING: u8 = 1;
const OVER: u8 = 2;

/// Asks on all connections for so long, after a warm-up of a quarter of that. Counts what was answered meanwhile;
/// anything but success is an error.
pub(crate) fn closed(
    load: &Load,
    seconds: Duration,
    cpu: impl Fn() -> Outcome<Duration>,
) -> Outcome<Measured> {
    runtime()?.block_on(async {
        let phase = Arc::new(AtomicU8::new(WARMING_UP));
        let mut tasks = Vec::with_capacity(load.connections);
        for connection in connect(load).await? {
            let (requests, phase) = (Arc::clone(&load.requests), Arc::clone(&phase));
            tasks.push(tokio::spawn(ask_until_over(connection, requests, phase)));
        }
        tokio::time::sleep(warm_up(seconds)).await;
        let (before, began) = (cpu()?, Instant::now());
        phase.store(MEASURING, Ordering::Relaxed);
        tokio::time::sleep(seconds).await;
        phase.store(OVER, Ordering::Relaxed);
        let (elapsed, used) = (began.elapsed(), cpu()?.saturating_sub(before));
        let mut latencies = Latencies::default();
        for task in tasks {
            latencies.extend(task.await??);
        }
        Ok(Measured {
            requests: latencies.count(),
            elapsed,
            cpu: used,
            p50: latencies.quantile(0.5),
            p99: latencies.quantile(0.99),
        })
    })
}

async fn ask_until_over(
    mut connection: Connection,
    requests: super::Requests,
    phase: Arc<AtomicU8>,
) -> Outcome<Latencies> {
    let (mut latencies, mut request) = (Latencies::default(), Vec::with_capacity(1024));
    loop {
        request.clear();
        requests(&mut request);
        let began = Instant::now();
        let answer = connection.ask(&request).await?;
        match phase.load(Ordering::Relaxed) {
            OVER => return Ok(latencies),
            MEASURING => latencies.push(began.elapsed()),
            _ => {}
        }
        if !answer.is_success() {
            return Err(format!("a request of the load was answered {}", answer.status).into());
        }
    }
}
