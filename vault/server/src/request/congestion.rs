//! How many requests at a time do any good.
//!
//! Beyond a point more requests in progress only make each of them slower. Where that point is depends on the machine
//! and its database, so it is found by watching: while requests take about as long as they do at best, the limit grows;
//! when they take much longer, it shrinks, the faster the longer they take. So a burst is let in and worked off, and a
//! crowd that stays is turned away.

use std::time::{Duration, Instant};

/// The limit never falls below this: a commit that is worth its while, and the next one gathering behind it.
const LEAST: usize = 128;
/// The limit at the start.
const FIRST: usize = 256;
/// How long requests are watched before the limit is thought over, and how many at least.
const WINDOW: (Duration, u32) = (Duration::from_millis(200), 20);
/// Requests that take this many times as long as they do at best, and a while more, are held up by each other.
const TOLERANCE: (f64, Duration) = (2.0, Duration::from_millis(3));
/// By how much the limit shrinks in one window: at least, and at most.
const SHRINKS: (f64, f64) = (0.8, 0.5);

/// The limit and what it rests on.
pub(super) struct Congestion {
    most: usize,
    limit: usize,
    /// Seconds that a request takes when nothing holds it up.
    at_best: Option<f64>,
    began: Instant,
    requests: u32,
    total: Duration,
}

impl Congestion {
    /// A limit that never exceeds `most`.
    pub(super) fn new(most: usize, now: Instant) -> Self {
        Self { most, limit: FIRST.min(most), at_best: None, began: now, requests: 0, total: Duration::ZERO }
    }

    /// How many requests may be in progress.
    pub(super) const fn limit(&self) -> usize {
        self.limit
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
        let tolerable = at_best * times + more.as_secs_f64();
        if average > tolerable {
            let (least, most) = SHRINKS;
            let rest = (tolerable / average).clamp(most, least);
            self.limit = ((self.limit as f64 * rest) as usize).max(LEAST).min(self.most);
            // Slowly, so that what has changed for good is taken for the best there is in the end.
            self.at_best = Some(at_best * 1.001);
        } else {
            self.limit = (self.limit + self.limit / 10 + 1).min(self.most);
            self.at_best = Some(at_best + (average - at_best) / 32.0);
        }
        *self = Self { began: now, requests: 0, total: Duration::ZERO, ..*self };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of requests that each took so long.
    fn pass(congestion: &mut Congestion, now: &mut Instant, windows: usize, millis: u64) {
        for _ in 0..windows * 20 {
            *now += Duration::from_millis(11);
            congestion.finished(Duration::from_millis(millis), *now);
        }
    }

    #[test]
    fn it_grows_where_that_does_no_harm() {
        let mut now = Instant::now();
        let mut congestion = Congestion::new(1024, now);
        pass(&mut congestion, &mut now, 50, 8);
        assert_eq!(congestion.limit(), 1024);
        pass(&mut congestion, &mut now, 50, 18);
        assert_eq!(congestion.limit(), 1024);
    }

    #[test]
    fn it_shrinks_where_requests_hold_each_other_up_and_recovers() {
        let mut now = Instant::now();
        let mut congestion = Congestion::new(1024, now);
        pass(&mut congestion, &mut now, 20, 5);
        pass(&mut congestion, &mut now, 1, 15);
        assert_eq!(congestion.limit(), 819, "by a fifth where it is a little too much");
        pass(&mut congestion, &mut now, 4, 90);
        assert_eq!(congestion.limit(), LEAST, "by half where it is far too much");
        pass(&mut congestion, &mut now, 30, 6);
        assert_eq!(congestion.limit(), 1024);
    }

    #[test]
    fn a_database_far_away_is_no_congestion() {
        let mut now = Instant::now();
        let mut congestion = Congestion::new(1024, now);
        pass(&mut congestion, &mut now, 50, 80);
        assert_eq!(congestion.limit(), 1024);
        // What is slower for good is taken for normal in time.
        pass(&mut congestion, &mut now, 2000, 300);
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
