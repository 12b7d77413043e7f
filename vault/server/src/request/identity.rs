//! Who is calling, before anything else.

use std::net::SocketAddr;
use std::sync::Arc;

use http::Extensions;
use strongroom_api::ErrorCode;
use strongroom_domain::{Principal, Timestamp};

use crate::authn::{Peer, Unidentified};
use crate::problem::Failure;

/// A caller whose name was proven and still holds.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) principal: Principal,
    pub(super) origin: SocketAddr,
}

/// The caller, by what the handshake proved and nothing that the request says. A certificate that ends while its
/// connection lives ends the connection's use.
pub(super) fn authenticate(extensions: &Extensions, now: Timestamp) -> Result<Known, Failure> {
    let peer = extensions
        .get::<Arc<Peer>>()
        .ok_or_else(|| Failure::new(ErrorCode::Unauthenticated, "a client certificate is required"))?;
    let identified = peer.identity.as_ref().map_err(|error| unauthenticated(*error))?;
    if now > identified.not_after {
        return Err(unauthenticated(Unidentified::Expired));
    }
    Ok(Known { principal: identified.principal.clone(), origin: peer.origin })
}

fn unauthenticated(error: Unidentified) -> Failure {
    Failure::new(ErrorCode::Unauthenticated, error.to_string())
}
