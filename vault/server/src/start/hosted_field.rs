//! The listener of the hosted card field, from its configuration.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use strongroom_core::Vault;
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::config::{HostedFieldConfig, Limits};
use crate::hosted_field::router;
use crate::listener::{Callers, HttpListener, HttpsListener};
use crate::tls::ServerTls;

/// With TLS; without, in development.
pub(super) enum FieldListener {
    Https(HttpsListener),
    Http(HttpListener),
}

/// Takes its address. Gives its TLS too, to be read again when asked.
pub(super) async fn bind(
    config: &HostedFieldConfig,
    limits: &Limits,
    vault: &Vault,
) -> Result<(FieldListener, Option<Arc<ServerTls>>), Failure> {
    let (vault, tenant, key) = (vault.clone(), config.tenant.clone(), config.key.clone());
    let fetch = move |before: Vec<String>| {
        let (vault, tenant, key) = (vault.clone(), tenant.clone(), key.clone());
        async move { vault.publish_client_keys(&tenant, &key, &before).await }
    };
    let router = router(&config.merchant_origins, config.requests_per_second_per_address, fetch).map_err(
        |reason| Failure::Listen {
            setting: "hosted_field",
            address: config.address,
            error: io::Error::other(reason),
        },
    )?;
    let limits = Limits {
        connections: config.connections,
        connections_per_identity: config.connections_per_address,
        ..limits.clone()
    };
    let address = config.address;
    let failed = |error| Failure::Listen { setting: "hosted_field.address", address, error };
    let Some(files) = config.tls() else {
        let listener = HttpListener::bind(address, &limits, router).await.map_err(failed)?;
        return Ok((FieldListener::Http(listener), None));
    };
    let tls = Arc::new(ServerTls::load_public(files).map_err(Failure::Files)?);
    let listener = HttpsListener::bind(address, Arc::clone(&tls), Callers::Anyone, limits, router).await;
    Ok((FieldListener::Https(listener.map_err(failed)?), Some(tls)))
}

impl FieldListener {
    pub(super) fn local_address(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Https(listener) => listener.local_address(),
            Self::Http(listener) => listener.local_address(),
        }
    }

    pub(super) async fn serve(self, stop: CancellationToken) {
        match self {
            Self::Https(listener) => listener.serve(stop).await,
            Self::Http(listener) => listener.serve(stop).await,
        }
    }
}
