//! Who is calling: one SAN URI of the peer's certificate, read once a connection, checked on every request.

use std::net::SocketAddr;

use strongroom_domain::{Principal, Timestamp};

/// What the TLS handshake proved of the peer. Put into every request's extensions by the listener.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The address it connects from.
    pub origin: SocketAddr,
    /// Its name, or why it has none here.
    pub identity: Result<Identified, Unidentified>,
}

/// A peer with a name.
#[derive(Debug, Clone)]
pub struct Identified {
    /// Who it is.
    pub principal: Principal,
    /// Until when its certificate holds: a connection outlives neither this nor the listener's maximum age.
    pub not_after: Timestamp,
}

/// Why a certificate names nobody. Told to the caller as "unauthenticated" with this text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    /// Unreadable.
    #[error("the client certificate cannot be read")]
    Malformed,
    /// The name must be one URI and nothing else may pass for it.
    #[error("the client certificate must carry exactly one SAN URI")]
    NotOneUri,
    /// Not a name of this form.
    #[error("the SAN URI must be spiffe://<trust-domain>/tenant/<tenant>/service/<name>")]
    NotSpiffe,
    /// Not made for clients.
    #[error("the client certificate lacks the clientAuth extended key usage")]
    NotForClients,
    /// Of another trust domain.
    #[error("the client certificate is of another trust domain")]
    ForeignTrustDomain,
    /// Its time is over.
    #[error("the client certificate has expired")]
    Expired,
}
