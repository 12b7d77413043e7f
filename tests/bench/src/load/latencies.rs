use std::time::Duration;

/// How long each request took.
#[derive(Default)]
pub(crate) struct Latencies {
    micros: Vec<u32>,
    is_sorted: bool,
}

impl Latencies {
    pub(crate) fn push(&mut self, latency: Duration) {
        self.is_sorted = false;
        self.micros.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.is_sorted = false;
        self.micros.extend(other.micros);
    }

    pub(crate) const fn count(&self) -> u64 {
        self.micros.len() as u64
    }

    /// What this share of the requests did not exceed (nearest rank); zero if there were none.
    pub(crate) fn quantile(&mut self, share: f64) -> Duration {
        if !self.is_sorted {
            self.micros.sort_unstable();
            self.is_sorted = true;
        }
        let rank = (self.micros.len() as f64 * share).ceil() as usize;
        let micros = self.micros.get(rank.saturating_sub(1)).copied().unwrap_or_default();
        Duration::from_micros(micros.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile(0.99), Duration::ZERO);
        (1..=200).rev().for_each(|micros| latencies.push(Duration::from_micros(micros)));
        assert_eq!(latencies.quantile(0.5), Duration::from_micros(100));
        assert_eq!(latencies.quantile(0.99), Duration::from_micros(198));
        assert_eq!(latencies.quantile(1.0), Duration::from_micros(200));
    }
}
