//! What is counted of one call's requests.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Histogram};

/// The counters of a call. To find one by its labels costs more than to count, so those that are needed most are kept
/// once found.
pub(crate) struct Marks {
    route: &'static str,
    successes: [OnceLock<Counter>; SUCCESSES.len()],
    durations: OnceLock<Histogram>,
}

/// The statuses of requests that go well.
const SUCCESSES: [u16; 3] = [200, 201, 204];

impl Marks {
    pub(crate) const fn of(route: &'static str) -> Self {
        Self { route, successes: [const { OnceLock::new() }; SUCCESSES.len()], durations: OnceLock::new() }
    }

    /// One more request, and how it ended.
    pub(super) fn request(&self, status: u16, code: &'static str, duration: Duration) {
        let place = SUCCESSES.iter().position(|success| *success == status && code == "ok");
        match place.and_then(|place| self.successes.get(place)) {
            Some(kept) => kept.get_or_init(|| requests(self.route, status, code)).increment(1),
            None => requests(self.route, status, code).increment(1),
        }
        self.durations.get_or_init(|| durations(self.route)).record(duration.as_secs_f64());
    }
}

fn requests(route: &'static str, status: u16, code: &'static str) -> Counter {
    metrics::counter!(
        "strongroom_requests_total", "route" => route, "status" => status.to_string(), "code" => code
    )
}

fn durations(route: &'static str) -> Histogram {
    metrics::histogram!("strongroom_request_duration_seconds", "route" => route)
}
