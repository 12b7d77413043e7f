//! How many requests are at work at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use metrics::Gauge;
use strongroom_api::ErrorCode;
use strongroom_domain::TenantId;

use crate::problem::Failure;

/// Counts who is inside. Nobody waits: a queue in front of a full house only makes answers late. And no tenant fills the
/// house alone: the last quarter of the places is for the others.
pub(super) struct Admission {
    places: usize,
    share: usize,
    house: Arc<House>,
}

struct House {
    inside: Mutex<Inside>,
    /// How many are inside, for whoever watches.
    gauge: Gauge,
}

#[derive(Default)]
struct Inside {
    all: usize,
    /// Tenants with nobody inside are not among them.
    by_tenant: HashMap<TenantId, usize>,
}

/// A place inside, until dropped.
pub(super) struct Admitted {
    house: Arc<House>,
    tenant: TenantId,
}

impl Admission {
    pub(super) fn new(places: usize) -> Self {
        let house =
            House { inside: Mutex::default(), gauge: metrics::gauge!("strongroom_requests_admitted") };
        Self { places, share: places - places / 4, house: Arc::new(house) }
    }

    pub(super) fn admit(&self, tenant: &TenantId) -> Result<Admitted, Failure> {
        let mut inside = self.house.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = inside.by_tenant.get(tenant).copied().unwrap_or_default();
        if inside.all >= self.places || of_tenant >= self.share {
            let text = "too many requests are at work; come again after Retry-After";
            return Err(Failure::new(ErrorCode::Overloaded, text));
        }
        inside.all += 1;
        inside.by_tenant.insert(tenant.clone(), of_tenant + 1);
        self.house.gauge.set(inside.all as f64);
        Ok(Admitted { house: Arc::clone(&self.house), tenant: tenant.clone() })
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
        self.house.gauge.set(inside.all as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tenant_takes_every_place_and_places_come_free() {
        let (acme, other) = (TenantId::parse("acme").unwrap(), TenantId::parse("other").unwrap());
        let admission = Admission::new(4);
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
    fn a_house_of_one_place_has_it_for_anybody() {
        assert!(Admission::new(1).admit(&TenantId::parse("acme").unwrap()).is_ok());
        assert!(Admission::new(0).admit(&TenantId::parse("acme").unwrap()).is_err());
    }
}
