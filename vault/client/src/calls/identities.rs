use futures_util::Stream;
use strongroom_api::encryption_keys::{CreateEncryptionKey, EncryptionKeyView};
use strongroom_api::identities::{
    CreateGrant, CreateIdentity, GrantView, IdentityView, SetVelocityLimits, VelocityLimitsView,
};
use strongroom_api::{List, ListQuery, RouteId};
use strongroom_domain::{KeyThumbprint, ServiceName};

use crate::{Client, ClientError, pages, query};

/// Identities, their grants and their encryption keys.
impl Client {
    /// Makes an identity known. It may do nothing until it is granted a role.
    pub async fn create_identity(&self, request: &CreateIdentity) -> Result<IdentityView, ClientError> {
        self.post(RouteId::CreateIdentity, &[], request).await
    }

    /// An identity with its grants.
    pub async fn get_identity(&self, service: &ServiceName) -> Result<IdentityView, ClientError> {
        self.get(RouteId::GetIdentity, &[service.as_str()], Vec::new()).await
    }

    /// One page of the tenant's identities.
    pub async fn list_identities(&self, page: &ListQuery) -> Result<List<IdentityView>, ClientError> {
        self.get(RouteId::ListIdentities, &[], query::of_list(page)).await
    }

    /// All of the tenant's identities.
    pub fn identities(&self) -> impl Stream<Item = Result<IdentityView, ClientError>> + use<> {
        pages::all(self.clone(), RouteId::ListIdentities, Vec::new())
    }

    /// Takes everything from an identity, at once.
    pub async fn disable_identity(&self, service: &ServiceName) -> Result<IdentityView, ClientError> {
        self.post_nothing(RouteId::DisableIdentity, &[service.as_str()]).await
    }

    /// How fast values may leave for an identity.
    pub async fn get_velocity_limits(
        &self,
        service: &ServiceName,
    ) -> Result<VelocityLimitsView, ClientError> {
        self.get(RouteId::GetVelocityLimits, &[service.as_str()], Vec::new()).await
    }

    /// Gives an identity these limits of its own and no others.
    pub async fn set_velocity_limits(
        &self,
        service: &ServiceName,
        request: &SetVelocityLimits,
    ) -> Result<VelocityLimitsView, ClientError> {
        self.post(RouteId::SetVelocityLimits, &[service.as_str()], request).await
    }

    /// Appoints an identity to a role.
    pub async fn create_grant(
        &self,
        service: &ServiceName,
        request: &CreateGrant,
    ) -> Result<GrantView, ClientError> {
        self.post(RouteId::CreateGrant, &[service.as_str()], request).await
    }

    /// Ends an appointment, by its id (`grt_…`).
    pub async fn revoke_grant(&self, service: &ServiceName, grant: &str) -> Result<GrantView, ClientError> {
        self.post_nothing(RouteId::RevokeGrant, &[service.as_str(), grant]).await
    }

    /// Registers a public key to which an identity gets values encrypted.
    pub async fn create_encryption_key(
        &self,
        service: &ServiceName,
        request: &CreateEncryptionKey,
    ) -> Result<EncryptionKeyView, ClientError> {
        self.post(RouteId::CreateEncryptionKey, &[service.as_str()], request).await
    }

    /// The public keys of an identity, newest first, also those that ended.
    pub async fn list_encryption_keys(
        &self,
        service: &ServiceName,
    ) -> Result<List<EncryptionKeyView>, ClientError> {
        self.get(RouteId::ListEncryptionKeys, &[service.as_str()], Vec::new()).await
    }

    /// Ends a public key of an identity.
    pub async fn revoke_encryption_key(
        &self,
        service: &ServiceName,
        kid: &KeyThumbprint,
    ) -> Result<EncryptionKeyView, ClientError> {
        self.post_nothing(RouteId::RevokeEncryptionKey, &[service.as_str(), kid.as_str()]).await
    }
}
