//! Requests in progress, counted per connection, for its idle timer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::watch;

/// The requests of one connection.
#[derive(Clone, Default)]
pub(super) struct InFlight(Arc<watch::Sender<usize>>);

/// One request. It is in progress until the last byte of its answer has been handed over.
pub(super) struct Request(Arc<watch::Sender<usize>>);

impl InFlight {
    /// One more.
    pub(super) fn begin(&self) -> Request {
        self.0.send_modify(|count| *count += 1);
        metrics::gauge!("strongroom_requests_in_flight").increment(1);
        Request(Arc::clone(&self.0))
    }

    /// Returns once there has been no request for so long.
    pub(super) async fn idle_for(&self, limit: Duration) {
        let mut count = self.0.subscribe();
        loop {
            // The sender is here, so waiting cannot fail.
            let _ = count.wait_for(|requests| *requests == 0).await;
            if tokio::time::timeout(limit, count.wait_for(|requests| *requests > 0)).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
        metrics::gauge!("strongroom_requests_in_flight").decrement(1);
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
