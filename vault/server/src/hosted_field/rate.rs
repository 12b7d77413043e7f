//! So many requests a second from one address, and a short burst more: a page with the field asks for a dozen files.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Buckets that fill up by themselves.
pub(super) struct Rate {
    per_second: f64,
    most: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

/// How many seconds' worth may come at once.
const BURST_SECONDS: f64 = 4.0;
/// How many addresses are remembered. A full bucket is as good as none and is forgotten first.
const MOST_BUCKETS: usize = 65_536;

impl Rate {
    pub(super) fn of(per_second: u32) -> Self {
        let per_second = f64::from(per_second);
        Self { per_second, most: per_second * BURST_SECONDS, buckets: Mutex::default() }
    }

    /// Takes one for this address, if there is one left.
    pub(super) fn takes(&self, origin: IpAddr, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_BUCKETS {
            let full = Duration::from_secs_f64(BURST_SECONDS);
            buckets.retain(|_, bucket| now.saturating_duration_since(bucket.at) < full);
            if buckets.len() >= MOST_BUCKETS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(network(origin)).or_insert(Bucket { left: self.most, at: now });
        let filled = now.saturating_duration_since(bucket.at).as_secs_f64() * self.per_second;
        bucket.left = (bucket.left + filled).min(self.most);
        bucket.at = now;
        if bucket.left < 1.0 {
            return false;
        }
        bucket.left -= 1.0;
        true
    }
}

/// Who has one IPv6 address has all of its /64.
fn network(origin: IpAddr) -> IpAddr {
    match origin {
        IpAddr::V4(_) => origin,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.into(),
            None => std::net::Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_and_it_fills_up_again() {
        let (rate, begun) = (Rate::of(2), Instant::now());
        let at = |millis| begun + Duration::from_millis(millis);
        let shop: IpAddr = "192.0.2.1".parse().unwrap();
        assert!((0..8).all(|_| rate.takes(shop, at(0))));
        assert!(!rate.takes(shop, at(0)) && !rate.takes(shop, at(400)));
        assert!(rate.takes("192.0.2.2".parse().unwrap(), at(400)));
        assert!(rate.takes(shop, at(600)) && !rate.takes(shop, at(600)));
        assert!((0..8).all(|_| rate.takes(shop, at(60_000))) && !rate.takes(shop, at(60_000)));
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_one_is_what_it_maps() {
        let is = |one: &str, other: &str| network(one.parse().unwrap()) == network(other.parse().unwrap());
        assert!(is("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff") && !is("2001:db8::1", "2001:db8:0:1::1"));
        assert!(is("::ffff:192.0.2.1", "192.0.2.1") && !is("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let (rate, now) = (Rate::of(1), Instant::now());
        for number in 0..u32::try_from(MOST_BUCKETS * 2 + 10).unwrap() {
            rate.takes(std::net::Ipv4Addr::from_bits(number).into(), now);
        }
        assert!(rate.buckets.lock().unwrap().len() <= MOST_BUCKETS);
    }
}
