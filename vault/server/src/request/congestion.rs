//! How many requests at a time do any good.
//!
//! Beyond a point more requests in progress only make each of them slower. Where that point is depends on the machine
//! and its database, so it is found by watching: while requests take about as long as they do at best, the limit grows
//! whenever it is reached; when they take much longer, it shrinks.

use std::time::{Duration, Instant};

/// The limit never falls below this: a commit that is worth its while, and the next one gathering behind it.
const LEAST: usize = 128;
/// The limit at the start.
const FIRST: usize = 256;
/// How long requests are watched before the limit is thought over, and how many at least.
const WINDOW: (Duration, u32) = (Duration::from_millis(200), 20);
/// Requests that take this many times as long as they do at best, and a while more, are held up by each other.
const TOLERANCE: (f64, Duration) = (2.0, Duration::from_millis(10));

/// The limit and what it rests on.
pub(super) struct Congestion {
    most: usize,
    limit: usize,
    /// Seconds that a request takes when nothing holds it up.
    at_best: Option<f64>,
    began: Instant,
    requests: u32,
    total: Duration,
    was_reached: bool,
}

impl Congestion {
    /// A limit that never exceeds `most`.
    pub(super) fn new(most: usize, now: Instant) -> Self {
        Self {
            most,
            limit: FIRST.min(most),
            at_best: None,
            began: now,
            requests: 0,
            total: Duration::ZERO,
            was_reached: false,
        }
    }

    /// How many requests may be in progress.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Notes that somebody was turned away.
    pub(super) const fn reached(&mut self) {
        self.was_reached = true;
    }

    /// Notes how long a request took, and thinks the limit over if it is time.
    pub(super) fn finished(&mut self, took: Duration, now: Instant) {
        self.requests += 1;
        self.total += took;
        let (window, enough) = WINDOW;
        if self.requests < enough || now.duration_since(self.began) < window {
            return;
        }
        let average = self.total.as_secs_f64() / f64::from(self.requests);
        let at_best = self.at_best.unwrap_or(average).min(average);
        let (times, more) = TOLERANCE;
        if average > at_best * times + more.as_secs_f64() {
            self.limit = (self.limit - self.limit / 5).max(LEAST).min(self.most);
            // Slowly, so that what has changed for good is taken for the best there is in the end.
            self.at_best = Some(at_best * 1.001);
        } else {
            if self.was_reached {
                self.limit = (self.limit + self.limit / 10 + 1).min(self.most);
            }
            self.at_best = Some(at_best + (average - at_best) / 32.0);
        }
        *self = Self { began: now, requests: 0, total: Duration::ZERO, was_reached: false, ..*self };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of requests that each took so long; whether somebody was turned away in each.
    fn pass(congestion: &mut Congestion, now: &mut Instant, windows: usize, millis: u64, reached: bool) {
        for _ in 0..windows {
            if reached {
                congestion.reached();
            }
            for _ in 0..20 {
                *now += Duration::from_millis(11);
                congestion.finished(Duration::from_millis(millis), *now);
            }
        }
    }

    #[test]
    fn it_grows_where_it_is_reached_and_does_no_harm() {
        let mut now = Instant::now();
        let mut congestion = Congestion::new(1024, now);
        pass(&mut congestion, &mut now, 50, 8, false);
        assert_eq!(congestion.limit(), FIRST);
        pass(&mut congestion, &mut now, 50, 12, true);
        assert_eq!(congestion.limit(), 1024);
    }

    #[test]
    fn it_shrinks_where_requests_hold_each_other_up_and_recovers() {
        let mut now = Instant::now();
        let mut congestion = Congestion::new(1024, now);
        pass(&mut congestion, &mut now, 10, 5, false);
        pass(&mut congestion, &mut now, 20, 90, true);
        assert_eq!(congestion.limit(), LEAST);
        pass(&mut congestion, &mut now, 30, 6, true);
        assert_eq!(congestion.limit(), 1024);
    }

    #[test]
    fn a_database_far_away_is_no_congestion() {
        let mut now = Instant::now();
        let mut congestion = Congestion::new(1024, now);
        pass(&mut congestion, &mut now, 50, 80, true);
        assert_eq!(congestion.limit(), 1024);
        // What is slower for good is taken for normal in time.
        pass(&mut congestion, &mut now, 2000, 300, true);
        assert_eq!(congestion.limit(), 1024);
    }

    #[test]
    fn few_requests_prove_nothing() {
        let now = Instant::now();
        let mut congestion = Congestion::new(1024, now);
        for second in 0..19 {
            congestion.finished(Duration::from_secs(60), now + Duration::from_secs(second));
        }
        assert_eq!(congestion.limit(), FIRST);
        assert_eq!(Congestion::new(3, now).limit(), 3);
    }
}
