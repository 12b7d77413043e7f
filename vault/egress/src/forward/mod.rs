//! Sends one request to its destination and reads one answer.
//!
//! Each request has a connection of its own, made to an address that was checked and closed afterwards. Nothing is
//! followed, kept, unpacked or tried again: whether a second try does a thing twice is for the caller to say, and
//! [`ForwardError::outcome`] tells what is known.

mod connect;
mod error;
mod exchange;
mod head;
mod metered;

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use crate::address::{Resolver, SystemResolver};
use crate::answer::UnscannedAnswer;
use crate::template::FilledRequest;

pub use error::{ForwardError, Outcome, TlsFailure};

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Forwarder {
    resolver: Arc<dyn Resolver>,
}

impl Forwarder {
    /// With the operating system's resolver.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemResolver))
    }

    /// With a resolver of one's own.
    pub fn new(resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver }
    }

    /// Sends a request and reads its answer, until a point in time at the latest; the destination's own limit may be
    /// sooner. If the future is dropped, the connection is closed at once.
    pub async fn forward(
        &self,
        request: FilledRequest,
        deadline: Instant,
    ) -> Result<UnscannedAnswer, ForwardError> {
        let limits = request.target.destination().limits();
        let deadline = Instant::now().checked_add(limits.whole).map_or(deadline, |own| own.min(deadline));
        let meter = metered::Meter::for_answers_of(limits.answer_bytes);
        let attempt = Box::pin(self.attempt(request, deadline, &meter));
        match timeout_at(deadline, attempt).await {
            Ok(outcome) => outcome,
            Err(_) if meter.sent() => Err(ForwardError::DeadlineExceeded),
            Err(_) => Err(ForwardError::NotSentInTime),
        }
    }

    async fn attempt(
        &self,
        request: FilledRequest,
        deadline: Instant,
        meter: &metered::Meter,
    ) -> Result<UnscannedAnswer, ForwardError> {
        let stream = connect::connect(request.target.destination(), &*self.resolver, deadline).await?;
        exchange::exchange(stream, request, meter).await
    }
}
