//! How many requests are at work at a time.

use std::sync::Arc;

use strongroom_api::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Failure;

/// Counts who is inside. Nobody waits: a queue in front of a full house only makes answers late.
pub(super) struct Admission(Arc<Semaphore>);

/// A place inside, until dropped.
pub(super) struct Admitted {
    _place: OwnedSemaphorePermit,
}

impl Admission {
    pub(super) fn new(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))))
    }

    pub(super) fn admit(&self) -> Result<Admitted, Failure> {
        let place = Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            Failure::new(ErrorCode::Overloaded, "too many requests are at work; come again after Retry-After")
        })?;
        metrics::gauge!("strongroom_requests_in_flight").increment(1);
        Ok(Admitted { _place: place })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        metrics::gauge!("strongroom_requests_in_flight").decrement(1);
    }
}
