//! The beginning of a cluster: its keys in the HSM, its first tenants and the identities that appoint all others.

use std::collections::HashSet;

use strongroom_domain::{
    KeyName, KeyPurpose, KeyVersion, ProfileName, Protection, Role, RoleSet, ServiceName, TenantId,
    Timestamp, TokenProfile, TrustDomain, VelocityLimits,
};

use crate::VaultError;
use crate::audit::{EventDraft, cluster_name, sign_news, verifier_key};
use crate::open::{StartError, empty_snapshot};
use crate::operations::{check_reason, new_key_id, new_version};
use crate::pipeline::record_for_node;
use crate::ports::store::{
    ClusterRow, Effect, GrantId, GrantRow, HsmKeyRow, IdentityRow, KeyRow, ProfileRow, TenantRow,
};
use crate::ports::{HsmKey, HsmKeyKind};
use crate::registry::{Authenticator, NewRow, RowMacs};
use crate::vault::{Ports, Settings, Vault};

/// Days after which a tenant's tokenization key is due for a new version.
const TOKENIZATION_ROTATION_DAYS: u32 = 365;

/// A tenant to begin with.
#[derive(Debug, Clone)]
pub struct InitialTenant {
    /// Its name.
    pub tenant: TenantId,
    /// Who may do what in it from the start: at least one identity-admin, who appoints the others.
    pub identities: Vec<InitialIdentity>,
}

/// An identity to begin with.
#[derive(Debug, Clone)]
pub struct InitialIdentity {
    /// The service in its certificate's name.
    pub service: ServiceName,
    /// What it is appointed to.
    pub roles: Vec<Role>,
    /// Why.
    pub reason: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initialised {
    /// The cluster's id, hexadecimal.
    pub cluster: String,
    /// The key under which auditors verify. Write it down away from the vault.
    pub verifier_key: String,
    /// Whether the cluster was made now.
    pub created: bool,
    /// The tenants that were added now.
    pub tenants: Vec<TenantId>,
}

/// Makes a cluster, or adds the tenants that an existing one lacks. Existing tenants are left as they are: their
/// identities are their identity-admins' to appoint.
pub async fn initialise(
    ports: Ports,
    settings: Settings,
    trust_domain: &TrustDomain,
    tenants: &[InitialTenant],
) -> Result<Initialised, StartError> {
    check(tenants)?;
    if ports.store.load_registry().await?.is_some() {
        return add_tenants(Vault::open(ports, settings).await?, tenants).await;
    }
    if ports.hsm.holds_keys(LABEL_PREFIX).await? {
        return Err(StartError::TokenNotEmpty);
    }
    create(ports, settings, trust_domain, tenants).await
}

/// Refuses what could not work, before anything is created.
fn check(tenants: &[InitialTenant]) -> Result<(), VaultError> {
    let mut named = HashSet::new();
    for tenant in tenants {
        if !named.insert((&tenant.tenant, None)) {
            return Err(VaultError::Invalid("a tenant is named twice"));
        }
        for identity in &tenant.identities {
            check_reason(&identity.reason)?;
            if !named.insert((&tenant.tenant, Some(&identity.service))) {
                return Err(VaultError::Invalid("an identity of a tenant is named twice"));
            }
            if identity.roles.iter().copied().collect::<RoleSet>().is_exclusive_conflict() {
                return Err(VaultError::Invalid(
                    "one identity cannot hold a data role and an administration role",
                ));
            }
        }
    }
    Ok(())
}

/// What the labels of all the vault's keys begin with.
const LABEL_PREFIX: &str = "strongroom.";

async fn create(
    ports: Ports,
    settings: Settings,
    trust_domain: &TrustDomain,
    tenants: &[InitialTenant],
) -> Result<Initialised, StartError> {
    let mut cluster_id = [0; 16];
    ports.entropy.fill(&mut cluster_id).map_err(VaultError::from)?;
    let cluster_id_text = cluster_name(&cluster_id);
    let now = ports.clock.now();
    let mut keys = Vec::with_capacity(HsmKeyKind::OF_CLUSTER.len());
    for kind in HsmKeyKind::OF_CLUSTER {
        let label = format!("{LABEL_PREFIX}{cluster_id_text}.{}", kind.as_str());
        keys.push(ports.hsm.create_key(*kind, &label).await?);
    }
    let key_of =
        |kind| keys.iter().find(|key| key.kind == kind).ok_or(VaultError::Internal("a key was not created"));
    let root = key_of(HsmKeyKind::RegistryMac)?;
    let cluster = ClusterRow { cluster_id, trust_domain: trust_domain.clone(), created_at: now };
    let authenticator = Authenticator::derive(&*ports.hsm, root, &cluster).await?;
    let verifier = verifier_key(&*ports.hsm, key_of(HsmKeyKind::AuditSigning)?, &cluster_id).await?;

    let mut rows: Vec<NewRow> =
        keys.iter().map(|key| NewRow::HsmKey(HsmKeyRow { key: key.clone(), created_at: now })).collect();
    let kek = key_of(HsmKeyKind::KekData)?;
    for tenant in tenants {
        rows.extend(tenant_rows(&ports, kek, &cluster_id, tenant, now, &settings).await?);
    }
    let snapshot = empty_snapshot(cluster.clone());
    let vault =
        Vault::assemble(ports, settings, authenticator, snapshot, RowMacs::default(), verifier).await?;
    write(&vault, "cluster.create", vec![Effect::InsertCluster(cluster)], rows, &cluster_id_text).await?;
    finish(vault, true, tenants.iter().map(|tenant| tenant.tenant.clone()).collect()).await
}

async fn add_tenants(vault: Vault, tenants: &[InitialTenant]) -> Result<Initialised, StartError> {
    let mut added = Vec::new();
    for tenant in tenants {
        let snapshot = vault.core.snapshot();
        if snapshot.tenant(&tenant.tenant).is_ok() {
            continue;
        }
        let kek = snapshot.hsm_key(HsmKeyKind::KekData)?;
        let cluster_id = &snapshot.cluster.cluster_id;
        let (ports, settings) = (&vault.core.ports, &vault.core.settings);
        let rows = tenant_rows(ports, kek, cluster_id, tenant, ports.clock.now(), settings).await?;
        write(&vault, "tenant.create", Vec::new(), rows, tenant.tenant.as_str()).await?;
        added.push(tenant.tenant.clone());
    }
    finish(vault, false, added).await
}

async fn write(
    vault: &Vault,
    action: &'static str,
    mut effects: Vec<Effect>,
    rows: Vec<NewRow>,
    object: &str,
) -> Result<(), VaultError> {
    let core = &vault.core;
    let turn = core.registry().turn().await;
    let change = core.registry().plan(turn, rows)?;
    effects.extend(change.effects);
    let event = EventDraft::success().object(object).registry_epoch(change.epoch);
    let request_id = core.own_request_id()?;
    record_for_node(core.committer(), &core.settings.node, action, request_id, effects, event).await?;
    (change.on_commit)();
    Ok(())
}

async fn finish(vault: Vault, created: bool, tenants: Vec<TenantId>) -> Result<Initialised, StartError> {
    sign_news(&vault.core).await?;
    let initialised = Initialised {
        cluster: cluster_name(&vault.core.snapshot().cluster.cluster_id),
        verifier_key: vault.verifier_key(),
        created,
        tenants,
    };
    vault.close().await?;
    Ok(initialised)
}

/// A tenant with its tokenization key, its first profile and its first identities.
async fn tenant_rows(
    ports: &Ports,
    kek: &HsmKey,
    cluster_id: &[u8; 16],
    tenant: &InitialTenant,
    now: Timestamp,
    settings: &Settings,
) -> Result<Vec<NewRow>, VaultError> {
    let created_by = format!("node:{}", settings.node);
    let key = KeyRow {
        tenant: tenant.tenant.clone(),
        key_id: new_key_id(&*ports.entropy)?,
        name: KeyName::parse("tokenization")?,
        purpose: KeyPurpose::Tokenization,
        protection: Protection::Envelope,
        value_format: None,
        rotation_days: TOKENIZATION_ROTATION_DAYS,
        created_at: now,
        created_by: created_by.clone(),
    };
    let version =
        new_version((&*ports.hsm, &*ports.entropy), kek, cluster_id, &key, KeyVersion::FIRST, now).await?;
    let profile = ProfileRow {
        tenant: tenant.tenant.clone(),
        profile: TokenProfile::standard(ProfileName::parse("default")?),
        created_at: now,
        created_by: created_by.clone(),
    };
    let mut rows = vec![
        NewRow::Tenant(TenantRow { tenant: tenant.tenant.clone(), created_at: now }),
        NewRow::Key(key),
        NewRow::KeyVersion(version),
        NewRow::Profile(profile),
    ];
    for identity in &tenant.identities {
        rows.push(NewRow::Identity(IdentityRow {
            tenant: tenant.tenant.clone(),
            service: identity.service.clone(),
            reason: identity.reason.clone(),
            created_at: now,
            created_by: created_by.clone(),
            expires_at: None,
            disabled_at: None,
            velocity_limits: VelocityLimits::NONE,
            last_used_at: None,
        }));
        for role in &identity.roles {
            let mut grant = [0; 8];
            ports.entropy.fill(&mut grant)?;
            rows.push(NewRow::Grant(GrantRow {
                tenant: tenant.tenant.clone(),
                grant: GrantId(grant),
                service: identity.service.clone(),
                role: *role,
                encrypted_only: false,
                reason: identity.reason.clone(),
                granted_at: now,
                granted_by: created_by.clone(),
                expires_at: None,
                revoked_at: None,
                revoked_by: None,
                last_used_at: None,
            }));
        }
    }
    Ok(rows)
}
