//! Makes those wait who were told to.
//!
//! To turn a request away costs about half of what it costs to serve one. Where five times more is asked than can be
//! done, all time would go into saying no. So the next request on a connection that was turned away is looked at only
//! after a pause. The pause doubles each time that it was in vain, up to a second, which is what `Retry-After` says.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(1);

/// An answer's mark: there was no place for the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TurnedAway;

/// One connection's.
#[derive(Default)]
pub(super) struct Restraint(Mutex<Pause>);

#[derive(Default)]
struct Pause {
    length: Duration,
    until: Option<Instant>,
}

impl Restraint {
    /// Returns when the pause is over.
    pub(super) async fn hold_back(&self) {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner).until;
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }

    /// Notes that a request was turned away, or was not.
    pub(super) fn note(&self, turned_away: bool, now: Instant) {
        let mut pause = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !turned_away {
            *pause = Pause::default();
        } else if pause.until.is_none_or(|until| until <= now) {
            let length = (pause.length * 2).clamp(FIRST, LONGEST);
            *pause = Pause { length, until: Some(now + length) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn held_back(restraint: &Restraint) -> u128 {
        let began = Instant::now();
        restraint.hold_back().await;
        began.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_wait_is_made_to_and_longer_each_time() {
        let restraint = Restraint::default();
        assert_eq!(held_back(&restraint).await, 0);
        for pause in [500, 1000, 1000] {
            restraint.note(true, Instant::now());
            // Requests at the same time on an HTTP/2 connection are one attempt.
            restraint.note(true, Instant::now());
            assert_eq!(held_back(&restraint).await, pause);
        }
        restraint.note(false, Instant::now());
        assert_eq!(held_back(&restraint).await, 0);
        restraint.note(true, Instant::now());
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!(held_back(&restraint).await, 400);
    }
}
