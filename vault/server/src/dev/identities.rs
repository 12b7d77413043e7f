//! Who there is in a development vault: in each tenant one identity per role, named after it.

use strongroom_core::{InitialIdentity, InitialTenant};
use strongroom_domain::{Role, ServiceName, SpiffeId, TenantId, TrustDomain};

/// Whose names are accepted.
pub(super) const TRUST_DOMAIN: &str = "strongroom.dev";

const TENANTS: [&str; 2] = ["acme", "globex"];
const PLATFORM_ROLES: [Role; 3] = [Role::Auditor, Role::Operator, Role::IdentityAdmin];

/// All of them, for `init`.
pub(super) fn tenants() -> Vec<InitialTenant> {
    let mut tenants: Vec<InitialTenant> = Vec::new();
    for id in ids() {
        let Some(role) = Role::parse(id.service().as_str()) else { continue };
        let identity = InitialIdentity {
            service: id.service().clone(),
            roles: vec![role],
            reason: "for development".to_owned(),
        };
        match tenants.iter_mut().find(|tenant| tenant.tenant == *id.tenant()) {
            Some(tenant) => tenant.identities.push(identity),
            None => {
                tenants.push(InitialTenant { tenant: id.tenant().clone(), identities: vec![identity] });
            }
        }
    }
    tenants
}

/// All of them, for certificates.
pub(super) fn ids() -> Vec<SpiffeId> {
    let Ok(trust_domain) = TrustDomain::parse(TRUST_DOMAIN) else { return Vec::new() };
    let of_tenants =
        TENANTS.iter().flat_map(|tenant| Role::ALL.iter().map(|role| (TenantId::parse(tenant), *role)));
    let of_platform = PLATFORM_ROLES.iter().map(|role| (Ok(TenantId::platform()), *role));
    of_tenants
        .chain(of_platform)
        .filter_map(|(tenant, role)| {
            let service = ServiceName::parse(role.as_str()).ok()?;
            Some(SpiffeId::new(trust_domain.clone(), tenant.ok()?, service))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_an_identity_in_every_tenant() {
        let tenants = tenants();
        let counts: Vec<_> =
            tenants.iter().map(|tenant| (tenant.tenant.to_string(), tenant.identities.len())).collect();
        let all = Role::ALL.len();
        assert_eq!(
            counts,
            [("acme".to_owned(), all), ("globex".to_owned(), all), ("platform".to_owned(), 3)]
        );
        for identity in tenants.iter().flat_map(|tenant| &tenant.identities) {
            assert_eq!(identity.roles, [Role::parse(identity.service.as_str()).unwrap()]);
        }
    }
}
