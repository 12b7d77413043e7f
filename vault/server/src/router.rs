//! From the table of calls to a service: each row its handler, every request through the same door.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use strongroom_api::{ROUTES, RouteId};
use strongroom_core::Vault;

use crate::handlers::{
    Handler, asking, audit, crypto, documents, encryption_keys, honeytokens, identities, keys, openapi,
    plain, profiles, proxy, status, taking, tokens,
};
use crate::request::{Edge, Endpoint, Marks, Place};

/// How much is let in at a time, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most requests at work at a time; more are told to come again.
    pub in_flight: usize,
    /// How long a body may take to arrive.
    pub body_deadline: Duration,
    /// When those who were turned away may come again.
    pub retry_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { in_flight: 1024, body_deadline: Duration::from_secs(10), retry_after: Duration::from_secs(1) }
    }
}

/// The whole API over this vault. The listener puts an `Arc<Peer>` into each request's extensions; a request without
/// one is from nobody.
pub fn router(vault: Vault, limits: Limits) -> Router {
    let edge = Arc::new(Edge::new(vault, limits));
    let mut by_path: BTreeMap<&'static str, Vec<Endpoint>> = BTreeMap::new();
    for route in ROUTES {
        let marks = Arc::new(Marks::of(route.id.as_str()));
        let endpoint = Endpoint { route, handler: handler_of(route.id), marks };
        by_path.entry(route.path).or_default().push(endpoint);
    }
    let mut router = Router::new();
    for (path, endpoints) in by_path {
        // Methods are told apart behind the door: what there is at a path is not for strangers to know.
        router = router.route(path, any(door(&edge, Place::Path(endpoints.into()))));
    }
    router.fallback(door(&edge, Place::Nowhere))
}

/// What carries out a call. Without a wildcard: a call that nothing carries out does not compile.
fn handler_of(id: RouteId) -> Handler {
    match id {
        RouteId::CreateToken => taking(tokens::create),
        RouteId::ListTokens => asking(tokens::list),
        RouteId::CreateTokens => taking(tokens::create_batch),
        RouteId::DetokenizeTokens => taking(tokens::detokenize_batch),
        RouteId::SearchTokens => taking(tokens::search),
        RouteId::GetToken => plain(tokens::get),
        RouteId::UpdateToken => taking(tokens::update),
        RouteId::DeleteToken => plain(tokens::delete),
        RouteId::PutSecurityCode => taking(tokens::put_security_code),
        RouteId::ReportAuthorisation => taking(tokens::report_authorisation),
        RouteId::DetokenizeToken => taking(tokens::detokenize),

        RouteId::Forward => taking(proxy::forward),

        RouteId::CreateKey => taking(keys::create),
        RouteId::ListKeys => asking(keys::list),
        RouteId::GetKey => plain(keys::get),
        RouteId::RotateKey => plain(keys::rotate),
        RouteId::Encrypt => taking(crypto::encrypt),
        RouteId::Decrypt => taking(crypto::decrypt),
        RouteId::Reencrypt => taking(crypto::reencrypt),
        RouteId::Lookup => taking(crypto::lookup),
        RouteId::CreateDataKey => taking(crypto::data_key),
        RouteId::Mac => taking(crypto::mac),
        RouteId::VerifyMac => taking(crypto::verify_mac),
        RouteId::Sign => taking(crypto::sign),
        RouteId::VerifySignature => taking(crypto::verify),
        RouteId::ListPublicKeys => plain(crypto::public_keys),

        RouteId::GetJwks => plain(crypto::jwks),
        RouteId::EncryptDocument => taking(documents::encrypt),
        RouteId::DecryptDocument => taking(documents::decrypt),
        RouteId::ReencryptDocument => taking(documents::reencrypt),

        RouteId::CreateProfile => taking(profiles::create),
        RouteId::ListProfiles => asking(profiles::list),
        RouteId::GetProfile => plain(profiles::get),

        RouteId::CreateIdentity => taking(identities::create),
        RouteId::ListIdentities => asking(identities::list),
        RouteId::GetIdentity => plain(identities::get),
        RouteId::DisableIdentity => plain(identities::disable),
        RouteId::GetVelocityLimits => plain(identities::get_velocity_limits),
        RouteId::SetVelocityLimits => taking(identities::set_velocity_limits),
        RouteId::CreateGrant => taking(identities::grant),
        RouteId::RevokeGrant => plain(identities::revoke),

        RouteId::CreateEncryptionKey => taking(encryption_keys::create),
        RouteId::ListEncryptionKeys => plain(encryption_keys::list),
        RouteId::RevokeEncryptionKey => plain(encryption_keys::revoke),

        RouteId::CreateHoneytoken => taking(honeytokens::create),
        RouteId::ListHoneytokens => asking(honeytokens::list),
        RouteId::WithdrawHoneytoken => plain(honeytokens::withdraw),

        RouteId::SearchAuditEvents => asking(audit::search),
        RouteId::ExportAudit => plain(audit::export),
        RouteId::GetCheckpoints => plain(audit::checkpoints),

        RouteId::GetStatus => plain(status::get),
        RouteId::GetOpenApi => plain(openapi::get),
    }
}

type Served = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

/// The way in for everything that goes to this place.
fn door(edge: &Arc<Edge>, place: Place) -> impl Fn(Request) -> Served + Clone + Send + Sync + 'static {
    let edge = Arc::clone(edge);
    move |request| Box::pin(Arc::clone(&edge).serve(place.clone(), request))
}
