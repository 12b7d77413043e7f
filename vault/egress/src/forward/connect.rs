//! From a name to a TLS connection with what was checked.

use std::net::IpAddr;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;

use super::error::{ForwardError, TlsFailure};
use crate::address::{Resolver, check_addresses};
use crate::destination::{Destination, Host};

pub(super) async fn connect(
    destination: &Destination,
    resolver: &dyn Resolver,
    deadline: Instant,
) -> Result<TlsStream<TcpStream>, ForwardError> {
    let patience = Instant::now().checked_add(destination.limits().connect);
    let deadline = patience.map_or(deadline, |patience| patience.min(deadline));
    let connected = timeout_at(deadline, async {
        let addresses = addresses(destination, resolver).await?;
        let stream = connect_to_one(&addresses, destination.port(), deadline).await?;
        handshake(destination, stream).await
    });
    connected.await.unwrap_or(Err(ForwardError::ConnectTimeout))
}

/// All addresses of the destination, checked.
async fn addresses(destination: &Destination, resolver: &dyn Resolver) -> Result<Vec<IpAddr>, ForwardError> {
    let addresses = match destination.host() {
        Host::Address(address) => vec![*address],
        Host::Name(name) => {
            resolver.resolve(name.as_ref()).await.map_err(|_| ForwardError::NameNotResolved)?
        }
    };
    if addresses.is_empty() {
        return Err(ForwardError::NameNotResolved);
    }
    Ok(check_addresses(addresses, destination.allowed_networks())?)
}

/// The first address that a connection can be made to. Each gets its share of the time, so that one that is silent
/// leaves some to the next.
async fn connect_to_one(
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
) -> Result<TcpStream, ForwardError> {
    let tries = addresses.len().min(MAX_TRIES);
    for (place, address) in addresses.iter().take(tries).enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(tries - place).unwrap_or(1);
        let attempt = tokio::time::timeout(share, TcpStream::connect((*address, port)));
        if let Ok(Ok(stream)) = attempt.await {
            // Head and body are written at once; waiting for more gains nothing.
            let _ = stream.set_nodelay(true);
            return Ok(stream);
        }
    }
    if Instant::now() >= deadline {
        Err(ForwardError::ConnectTimeout)
    } else {
        Err(ForwardError::ConnectFailed)
    }
}

async fn handshake(
    destination: &Destination,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, ForwardError> {
    let handshake = destination.tls().connect(destination.host().server_name(), stream);
    handshake
        .await
        .map_err(|error| TlsFailure::of(&error).map_or(ForwardError::ConnectFailed, ForwardError::Tls))
}

const MAX_TRIES: usize = 4;
