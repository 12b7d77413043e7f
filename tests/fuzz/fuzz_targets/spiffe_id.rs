//! A name is read from its one spelling only, and its parts cannot be moved into each other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_domain::{ServiceName, SpiffeId, TenantId, TrustDomain};

fuzz_target!(|input: (&str, &str, &str, &str)| {
    let (text, trust_domain, tenant, service) = input;
    if let Some(id) = SpiffeId::parse(text) {
        assert_eq!(id.to_string(), text);
        assert_eq!(SpiffeId::new(id.trust_domain().clone(), id.tenant().clone(), id.service().clone()), id);
    }

    let joined = format!("spiffe://{trust_domain}/tenant/{tenant}/service/{service}");
    let parts = (TrustDomain::parse(trust_domain), TenantId::parse(tenant), ServiceName::parse(service));
    let expected = match parts {
        (Ok(trust_domain), Ok(tenant), Ok(service)) => Some(SpiffeId::new(trust_domain, tenant, service)),
        _ => None,
    };
    assert_eq!(SpiffeId::parse(&joined), expected);
});
