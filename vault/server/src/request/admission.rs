//! Who is let in when there is more to do than can be done.
//!
//! Nobody waits: a queue in front of a full house only makes answers late. The house is full when more requests are in
//! progress than do any good (see [`Congestion`]). Then a tenant is let in only below its fair share: an equal part of
//! the places for each tenant that has requests in progress. And no tenant fills the house alone: a quarter of the places
//! is for the others at any time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use metrics::Gauge;
use strongroom_api::ErrorCode;
use strongroom_domain::TenantId;

use super::congestion::Congestion;
use crate::problem::Failure;

/// Counts who is inside.
pub(super) struct Admission {
    places: usize,
    house: Arc<House>,
}

struct House {
    inside: Mutex<Inside>,
    /// How many are inside, and how many may be, for whoever watches.
    gauges: (Gauge, Gauge),
}

struct Inside {
    all: usize,
    /// Tenants with nobody inside are not among them.
    by_tenant: HashMap<TenantId, usize>,
    congestion: Congestion,
}

/// A place inside, until dropped.
pub(super) struct Admitted {
    house: Arc<House>,
    tenant: TenantId,
    took: Option<Duration>,
}

impl Admission {
    /// For requests that the vault answers by itself.
    pub(super) fn inside(places: usize) -> Self {
        Self::new(places, "strongroom_requests_admitted", "strongroom_requests_limit")
    }

    /// For those that wait for somebody outside. They have a house of their own, or those who are slow outside would
    /// fill this one; and how long they take says nothing about how much there is to do.
    pub(super) fn outside(places: usize) -> Self {
        Self::new(places, "strongroom_forwards_admitted", "strongroom_forwards_limit")
    }

    fn new(places: usize, admitted: &'static str, limit: &'static str) -> Self {
        let inside =
            Inside { all: 0, by_tenant: HashMap::new(), congestion: Congestion::new(places, Instant::now()) };
        let gauges = (metrics::gauge!(admitted), metrics::gauge!(limit));
        Self { places, house: Arc::new(House { inside: Mutex::new(inside), gauges }) }
    }

    pub(super) fn admit(&self, tenant: &TenantId) -> Result<Admitted, Failure> {
        let mut inside = self.house.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if !inside.has_place_for(tenant, self.places) {
            let text = "too many requests are at work; come again after Retry-After";
            return Err(Failure::new(ErrorCode::Overloaded, text));
        }
        inside.all += 1;
        *inside.by_tenant.entry(tenant.clone()).or_default() += 1;
        self.house.gauges.0.set(inside.all as f64);
        Ok(Admitted { house: Arc::clone(&self.house), tenant: tenant.clone(), took: None })
    }
}

impl Inside {
    fn has_place_for(&self, tenant: &TenantId, places: usize) -> bool {
        let of_tenant = self.by_tenant.get(tenant).copied().unwrap_or_default();
        let limit = self.congestion.limit();
        let alone = limit - limit / 4;
        if self.all >= places || of_tenant >= alone {
            return false;
        }
        let tenants = self.by_tenant.len() + usize::from(of_tenant == 0);
        self.all < limit || of_tenant < limit / tenants
    }
}

impl Admitted {
    /// Notes how long the vault took, without what the caller's own network took before and after.
    pub(super) const fn took(&mut self, time: Duration) {
        self.took = Some(time);
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut inside = self.house.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.all = inside.all.saturating_sub(1);
        if let Some(count) = inside.by_tenant.get_mut(&self.tenant) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                inside.by_tenant.remove(&self.tenant);
            }
        }
        if let Some(took) = self.took {
            inside.congestion.finished(took, Instant::now());
        }
        self.house.gauges.0.set(inside.all as f64);
        self.house.gauges.1.set(inside.congestion.limit() as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tenant_takes_every_place_and_places_come_free() {
        let (acme, other) = (TenantId::parse("acme").unwrap(), TenantId::parse("other").unwrap());
        let admission = Admission::inside(4);
        let mut guests: Vec<_> = (0..3).map(|_| admission.admit(&acme).unwrap()).collect();
        assert!(admission.admit(&acme).is_err());
        let last = admission.admit(&other).unwrap();
        assert!(admission.admit(&other).is_err());
        guests.clear();
        drop(last);
        assert!(admission.house.inside.lock().unwrap().by_tenant.is_empty());
        assert!(admission.admit(&acme).is_ok());
    }

    #[test]
    fn in_a_full_house_a_tenant_below_its_share_is_let_in_and_one_above_it_is_not() {
        let tenants: Vec<_> = ["a", "b", "c"].map(|name| TenantId::parse(name).unwrap()).into();
        let [a, b, c] = tenants.as_slice() else { panic!("three tenants") };
        let admission = Admission::inside(1024);
        let full = admission.house.inside.lock().unwrap().congestion.limit();
        let crowd: Vec<_> = (0..1024).map_while(|_| admission.admit(a).ok()).collect();
        assert_eq!(crowd.len(), full - full / 4);
        let second: Vec<_> = (0..1024).map_while(|_| admission.admit(b).ok()).collect();
        assert_eq!(second.len(), full / 2, "up to its share, beyond what does any good");
        assert!(admission.admit(a).is_err());
        assert!(admission.admit(c).is_ok());
    }

    #[test]
    fn a_house_of_one_place_has_it_for_anybody() {
        assert!(Admission::inside(1).admit(&TenantId::parse("acme").unwrap()).is_ok());
        assert!(Admission::inside(0).admit(&TenantId::parse("acme").unwrap()).is_err());
    }
}
