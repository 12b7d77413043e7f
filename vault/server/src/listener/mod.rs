//! Our own accept loop. Every phase of a connection has a timer, and there is a cap on everything that a client can
//! open: connections in all, per identity, handshakes per address, requests, streams, resets, header bytes.
//!
//! A handshake runs in a task of its own, so one that stalls holds up nobody.

mod connection;
mod in_flight;
mod quota;
mod restraint;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use strongroom_domain::{SpiffeId, TrustDomain};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::authn::{Peer, Unidentified};
use crate::config::Limits;
use crate::tls::ServerTls;
use connection::{Connections, Protocol};
use quota::Quota;
pub(crate) use restraint::TurnedAway;

/// Where clients connect.
pub struct HttpsListener {
    socket: TcpListener,
    gate: Arc<Gate>,
}

/// Who may connect, and by what connections are counted.
#[derive(Debug, Clone)]
pub enum Callers {
    /// Who has a certificate that names a service of this trust domain.
    Named(TrustDomain),
    /// Anybody: by address.
    Anyone,
}

/// What every connection passes through.
struct Gate {
    tls: Arc<ServerTls>,
    callers: Callers,
    limits: Limits,
    open: Arc<Semaphore>,
    handshakes: Arc<Quota<IpAddr>>,
    /// Peers without a name share one quota.
    identities: Arc<Quota<Option<SpiffeId>>>,
    /// Where names play no part.
    addresses: Arc<Quota<IpAddr>>,
    connections: Connections,
}

impl HttpsListener {
    /// Takes the address. Nothing is accepted before [`HttpsListener::serve`].
    pub async fn bind(
        address: SocketAddr,
        tls: Arc<ServerTls>,
        callers: Callers,
        limits: Limits,
        router: Router,
    ) -> io::Result<Self> {
        let connections = Connections::new(router, &limits);
        let gate = Gate {
            tls,
            callers,
            open: Arc::new(Semaphore::new(size(limits.connections))),
            handshakes: Quota::of(size(limits.handshakes_per_address)),
            identities: Quota::of(size(limits.connections_per_identity)),
            addresses: Quota::of(size(limits.connections_per_identity)),
            connections,
            limits,
        };
        Ok(Self { socket: TcpListener::bind(address).await?, gate: Arc::new(gate) })
    }

    /// The address it has.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until `stop`, then finishes what was accepted, for as long as the configured grace lasts.
    pub async fn serve(self, stop: CancellationToken) {
        let Self { socket, gate } = self;
        let tasks = TaskTracker::new();
        let cut = CancellationToken::new();
        while let Some((stream, origin)) = accept(&socket, &stop).await {
            let Ok(place) = Arc::clone(&gate.open).try_acquire_owned() else {
                refused("too_many_connections");
                continue;
            };
            let ends = connection::Ends {
                stop: stop.clone(),
                cut: cut.clone(),
                tls_generation: Some(gate.tls.generations()),
            };
            tasks.spawn(Arc::clone(&gate).run(stream, origin, place, ends));
        }
        // Closes the port: who connects now is told so by the kernel, and goes elsewhere.
        drop(socket);
        tasks.close();
        if tokio::time::timeout(gate.limits.shutdown_grace, tasks.wait()).await.is_err() {
            tracing::warn!(connections = tasks.len(), "the grace is over; connections are cut");
            cut.cancel();
            tasks.wait().await;
        }
    }
}

impl Gate {
    /// One connection, from its first byte to its last.
    async fn run(
        self: Arc<Self>,
        stream: TcpStream,
        origin: SocketAddr,
        place: OwnedSemaphorePermit,
        ends: connection::Ends,
    ) {
        let Some(handshaking) = self.handshakes.take(origin.ip()) else {
            refused("too_many_handshakes");
            return;
        };
        let handshake = TlsAcceptor::from(self.tls.current()).accept(stream);
        let secured = tokio::select! {
            secured = tokio::time::timeout(self.limits.handshake_timeout, handshake) => secured,
            () = ends.stop.cancelled() => return,
        };
        drop(handshaking);
        let stream = match secured {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(%origin, %error, "a handshake failed");
                return handshake_ended("failed");
            }
            Err(_) => return handshake_ended("timed_out"),
        };
        handshake_ended("ok");
        let (_, session) = stream.get_ref();
        let protocol = Protocol::of_alpn(session.alpn_protocol());
        let trust_domain = match &self.callers {
            Callers::Named(trust_domain) => trust_domain,
            Callers::Anyone => {
                let Some(quota) = self.addresses.take(origin.ip()) else {
                    refused("too_many_of_address");
                    return;
                };
                let peer = Arc::new(Peer { origin, identity: Err(Unidentified::Anonymous) });
                self.connections.serve(stream, protocol, Some(peer), ends).await;
                return drop((quota, place));
            }
        };
        let peer = Arc::new(Peer::of_handshake(origin, session.peer_certificates(), trust_domain));
        let identity = peer.identity.as_ref().ok().map(|identified| identified.principal.id.clone());
        let Some(quota) = self.identities.take(identity) else {
            tracing::warn!(%origin, "an identity has too many connections");
            refused("too_many_of_identity");
            return;
        };
        self.connections.serve(stream, protocol, Some(peer), ends).await;
        drop((quota, place));
    }
}

/// Plain HTTP/1.1 for this machine's own health checks and metrics, with the same timers.
pub struct HttpListener {
    socket: TcpListener,
    connections: Arc<Connections>,
    open: Arc<Semaphore>,
}

impl HttpListener {
    /// Takes the address.
    pub async fn bind(address: SocketAddr, limits: &Limits, router: Router) -> io::Result<Self> {
        Ok(Self {
            socket: TcpListener::bind(address).await?,
            connections: Arc::new(Connections::new(router, limits)),
            open: Arc::new(Semaphore::new(OPERATIONS_CONNECTIONS)),
        })
    }

    /// The address it has.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until `stop`.
    pub async fn serve(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        while let Some((stream, _)) = accept(&self.socket, &stop).await {
            let Ok(place) = Arc::clone(&self.open).try_acquire_owned() else { continue };
            let connections = Arc::clone(&self.connections);
            let ends = connection::Ends { stop: stop.clone(), cut: stop.clone(), tls_generation: None };
            tasks.spawn(async move {
                connections.serve(stream, Protocol::Http1, None, ends).await;
                drop(place);
            });
        }
        tasks.close();
        tasks.wait().await;
    }
}

/// Health checks and a scraper or two.
const OPERATIONS_CONNECTIONS: usize = 64;

/// The next connection; `None` once it is time to stop. Errors are the peer's (gone again) or the machine's (out of
/// file descriptors); neither is a reason to stop accepting.
async fn accept(socket: &TcpListener, stop: &CancellationToken) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return None,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, origin)) => {
                // Small answers leave at once. A socket on which that cannot be set is dead already.
                if stream.set_nodelay(true).is_ok() {
                    return Some((stream, origin));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "accepting failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

fn refused(reason: &'static str) {
    metrics::counter!("strongroom_connections_refused_total", "reason" => reason).increment(1);
}

fn handshake_ended(outcome: &'static str) {
    metrics::counter!("strongroom_tls_handshakes_total", "outcome" => outcome).increment(1);
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(Semaphore::MAX_PERMITS)
}
