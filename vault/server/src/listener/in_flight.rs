//! Requests in progress, counted per connection, for its idle timer.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use metrics::Gauge;
use tokio::time::{Instant, sleep_until};

/// The requests of one connection.
#[derive(Clone)]
pub(super) struct InFlight(Arc<Counts>);

struct Counts {
    opened: Instant,
    running: AtomicUsize,
    /// When the last one ended, in milliseconds since the connection was opened.
    last_end: AtomicU64,
    /// The same count over all connections, for whoever watches.
    gauge: Gauge,
}

/// One request. It is in progress until the last byte of its answer has been handed over.
pub(super) struct Request(Arc<Counts>);

impl InFlight {
    /// None yet.
    pub(super) fn none(gauge: Gauge) -> Self {
        let (running, last_end) = (AtomicUsize::new(0), AtomicU64::new(0));
        Self(Arc::new(Counts { opened: Instant::now(), running, last_end, gauge }))
    }

    /// One more.
    pub(super) fn begin(&self) -> Request {
        self.0.running.fetch_add(1, Ordering::Relaxed);
        self.0.gauge.increment(1);
        Request(Arc::clone(&self.0))
    }

    /// Returns once there has been no request for so long.
    ///
    /// Looks when the time could be over at the earliest, so that requests need wake nobody.
    pub(super) async fn idle_for(&self, limit: Duration) {
        let mut since = self.0.opened;
        loop {
            sleep_until(since + limit).await;
            let now = Instant::now();
            since = self.0.idle_since().unwrap_or(now);
            if now.duration_since(since) >= limit {
                return;
            }
        }
    }
}

impl Counts {
    /// Nothing while a request is in progress.
    fn idle_since(&self) -> Option<Instant> {
        // The end is written before the count, so whoever sees the count sees the end that belongs to it.
        if self.running.load(Ordering::Acquire) > 0 {
            return None;
        }
        Some(self.opened + Duration::from_millis(self.last_end.load(Ordering::Relaxed)))
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let Counts { opened, running, last_end, gauge } = &*self.0;
        let since_opened = u64::try_from(opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        last_end.fetch_max(since_opened, Ordering::Relaxed);
        running.fetch_sub(1, Ordering::Release);
        gauge.decrement(1);
    }
}

/// An answer's body, with the request it ends.
pub(super) struct Answer {
    body: Body,
    request: Option<Request>,
}

impl Answer {
    pub(super) const fn ending(request: Request, body: Body) -> Self {
        Self { body, request: Some(request) }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.request = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_so_long_after_its_last_request() {
        let in_flight = InFlight::none(Gauge::noop());
        let opened = Instant::now();
        let asking = async {
            tokio::time::sleep(Duration::from_secs(50)).await;
            let (long, short) = (in_flight.begin(), in_flight.begin());
            tokio::time::sleep(Duration::from_secs(20)).await;
            drop(short);
            tokio::time::sleep(Duration::from_secs(100)).await;
            drop(long);
        };
        tokio::join!(asking, in_flight.idle_for(LIMIT));
        assert_eq!(opened.elapsed().as_secs(), 50 + 20 + 100 + 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_any_request_is_idle_from_the_start() {
        let opened = Instant::now();
        InFlight::none(Gauge::noop()).idle_for(LIMIT).await;
        assert_eq!(opened.elapsed().as_secs(), 60);
    }
}
