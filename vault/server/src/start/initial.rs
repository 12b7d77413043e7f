//! `strongroomd init`.

use strongroom_core::{InitialIdentity, InitialTenant, initialise};
use strongroom_domain::{Role, ServiceName, TenantId};

use super::{Failure, foundation, say};
use crate::config::Config;
use crate::wiring::{World, settings};

pub(super) fn init(
    config: &Config,
    tenants: &[TenantId],
    identity_admin: &ServiceName,
) -> Result<(), Failure> {
    let foundation = foundation::lay(config, &[])?;
    let tenants: Vec<InitialTenant> = std::iter::once(TenantId::platform())
        .chain(tenants.iter().cloned())
        .map(|tenant| InitialTenant {
            tenant,
            identities: vec![InitialIdentity {
                service: identity_admin.clone(),
                roles: vec![Role::IdentityAdmin],
                reason: "appointed by strongroomd init".to_owned(),
            }],
        })
        .collect();
    let initialised = foundation.runtime.block_on(async {
        let world = World::open(config, foundation.hsm).await?;
        let initialised =
            initialise(world.ports.clone(), settings(config), &config.trust_domain, &tenants).await;
        world.close().await;
        Ok::<_, Failure>(initialised?)
    })?;
    let what = if initialised.created { "made now" } else { "was there already" };
    say(&format!("cluster        {} ({what})", initialised.cluster))?;
    for tenant in &initialised.tenants {
        say(&format!("tenant added   {tenant}, identity-admin {identity_admin}"))?;
    }
    say(&format!("audit key      {}", initialised.verifier_key))?;
    say("Write the audit key down away from this machine: exports and checkpoints are verified with it.")
}
