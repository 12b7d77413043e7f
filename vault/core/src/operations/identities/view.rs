use strongroom_domain::{Role, ServiceName, SpiffeId, Timestamp, TrustDomain};

use crate::ports::store::GrantId;
use crate::registry::{Grant, Identity};

/// What is known of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// Its service name.
    pub service: ServiceName,
    /// Its name in full, as its certificate carries it.
    pub spiffe_id: SpiffeId,
    /// Why it is known.
    pub reason: String,
    /// When it was made known.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// From when on it is as good as gone.
    pub expires_at: Option<Timestamp>,
    /// When it was put out of use.
    pub disabled_at: Option<Timestamp>,
    /// When it last made a request, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Its appointments, ended ones included, oldest first.
    pub grants: Vec<GrantView>,
}

/// What is known of an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantView {
    /// Its id.
    pub id: GrantId,
    /// The role.
    pub role: Role,
    /// Whether by it values leave encrypted to a key of the identity, and not otherwise.
    pub encrypted_only: bool,
    /// Why.
    pub reason: String,
    /// When.
    pub granted_at: Timestamp,
    /// By whom.
    pub granted_by: String,
    /// From when on it no longer holds.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// When it last decided a request, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl IdentityView {
    pub(super) fn of(identity: &Identity, trust_domain: &TrustDomain) -> Self {
        let row = &identity.row;
        let mut grants: Vec<_> = identity.grants.iter().map(|grant| GrantView::of(grant)).collect();
        grants.sort_by_key(|grant| (grant.granted_at, grant.id));
        Self {
            service: row.service.clone(),
            spiffe_id: SpiffeId::new(trust_domain.clone(), row.tenant.clone(), row.service.clone()),
            reason: row.reason.clone(),
            created_at: row.created_at,
            created_by: row.created_by.clone(),
            expires_at: row.expires_at,
            disabled_at: row.disabled_at,
            last_used_at: identity.last_used(),
            grants,
        }
    }
}

impl GrantView {
    fn of(grant: &Grant) -> Self {
        let row = &grant.row;
        Self {
            id: row.grant,
            role: row.role,
            encrypted_only: row.encrypted_only,
            reason: row.reason.clone(),
            granted_at: row.granted_at,
            granted_by: row.granted_by.clone(),
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            revoked_by: row.revoked_by.clone(),
            last_used_at: grant.last_used(),
        }
    }
}
