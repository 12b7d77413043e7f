//! A request as its handler gets it: from a known caller, whole, within all limits.

use axum::extract::RawPathParams;
use http::Uri;
use serde::de::DeserializeOwned;
use strongroom_api::{ErrorCode, parse_query, parse_request};
use strongroom_core::ports::store::{GrantId, HoneytokenId};
use strongroom_core::{Call, Idempotency, Vault};
use strongroom_domain::{
    IdempotencyKey, KeyName, KeyThumbprint, ProfileName, ServiceName, TenantId, TokenReference,
};
use zeroize::Zeroizing;

use crate::problem::Failure;

/// The request.
pub(crate) struct Received {
    pub(crate) vault: Vault,
    pub(crate) call: Call,
    pub(super) parameters: RawPathParams,
    pub(super) uri: Uri,
    /// The caller's key, and the method and path it is for.
    pub(super) once: Option<(IdempotencyKey, String)>,
    pub(super) body: Zeroizing<Vec<u8>>,
}

impl Received {
    /// Whose request it is.
    pub(crate) const fn tenant(&self) -> &TenantId {
        self.call.principal.tenant()
    }

    /// What makes it recognisable if it comes again, if its caller wants that.
    pub(crate) fn idempotency(&self) -> Option<Idempotency<'_>> {
        let (key, target) = self.once.as_ref()?;
        Some(Idempotency { key: key.clone(), target, body: &self.body })
    }

    /// The same for a body that holds what may not be kept even as a digest: by this in its place.
    pub(crate) fn idempotency_by<'a>(&'a self, body: Option<&'a [u8]>) -> Option<Idempotency<'a>> {
        let idempotency = self.idempotency()?;
        Some(Idempotency { body: body.unwrap_or(idempotency.body), ..idempotency })
    }

    /// The body.
    pub(crate) fn parse_body<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        Ok(parse_request(&self.body)?)
    }

    /// The query.
    pub(crate) fn parse_query<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        Ok(parse_query(self.uri.query().unwrap_or_default())?)
    }

    /// For calls that have none: a parameter that is ignored is one that its sender believes in.
    pub(crate) fn refuse_query(&self) -> Result<(), Failure> {
        if self.uri.query().unwrap_or_default().is_empty() {
            Ok(())
        } else {
            Err(Failure::new(ErrorCode::InvalidRequest, "this call takes no query parameters"))
        }
    }

    /// What the path names a token by: itself or one of its aliases. What cannot be either is not there.
    pub(crate) fn token(&self) -> Result<TokenReference, Failure> {
        TokenReference::parse(self.parameter("token")).map_err(|_| Failure::not_found())
    }

    /// The key's name in the path.
    pub(crate) fn key(&self) -> Result<KeyName, Failure> {
        KeyName::parse(self.parameter("key")).map_err(|_| Failure::not_found())
    }

    /// The token profile's name in the path.
    pub(crate) fn profile(&self) -> Result<ProfileName, Failure> {
        ProfileName::parse(self.parameter("profile")).map_err(|_| Failure::not_found())
    }

    /// The service in the path.
    pub(crate) fn service(&self) -> Result<ServiceName, Failure> {
        ServiceName::parse(self.parameter("service")).map_err(|_| Failure::not_found())
    }

    /// The grant in the path.
    pub(crate) fn grant(&self) -> Result<GrantId, Failure> {
        GrantId::parse(self.parameter("grant")).ok_or_else(Failure::not_found)
    }

    /// The encryption key in the path.
    pub(crate) fn encryption_key(&self) -> Result<KeyThumbprint, Failure> {
        KeyThumbprint::parse(self.parameter("kid")).map_err(|_| Failure::not_found())
    }

    /// The honeytoken in the path.
    pub(crate) fn honeytoken(&self) -> Result<HoneytokenId, Failure> {
        HoneytokenId::parse(self.parameter("honeytoken")).ok_or_else(Failure::not_found)
    }

    fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}
