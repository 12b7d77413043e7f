use strongroom_api::Text;
use strongroom_api::identities::{GrantView, IdentityView};

/// Onto the wire.
pub(super) fn identity_view(identity: &strongroom_core::IdentityView) -> IdentityView {
    IdentityView {
        service: Text(identity.service.clone()),
        spiffe_id: Text(identity.spiffe_id.clone()),
        reason: identity.reason.clone(),
        created_at: Text(identity.created_at),
        created_by: identity.created_by.clone(),
        expires_at: identity.expires_at.map(Text),
        disabled_at: identity.disabled_at.map(Text),
        last_used_at: identity.last_used_at.map(Text),
        grants: identity.grants.iter().map(grant_view).collect(),
    }
}

/// Onto the wire.
pub(super) fn grant_view(grant: &strongroom_core::GrantView) -> GrantView {
    GrantView {
        id: grant.id.to_string(),
        role: Text(grant.role),
        encrypted_only: grant.encrypted_only,
        reason: grant.reason.clone(),
        granted_at: Text(grant.granted_at),
        granted_by: grant.granted_by.clone(),
        expires_at: grant.expires_at.map(Text),
        revoked_at: grant.revoked_at.map(Text),
        revoked_by: grant.revoked_by.clone(),
        last_used_at: grant.last_used_at.map(Text),
    }
}
