//! `strongroomd serve`: from a configuration to a serving vault, and back.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use strongroom_core::ports::Hsm;
use strongroom_core::{InitialTenant, Initialised, Vault, initialise};
use tokio_util::sync::CancellationToken;

use super::foundation::Foundation;
use super::signals::Signals;
use super::{Failure, foundation, hosted_field};
use crate::config::Config;
use crate::listener::{Callers, HttpListener, HttpsListener};
use crate::tls::ServerTls;
use crate::wiring::{World, settings};
use crate::{observability, operations_listener, router};

/// What `dev` wants beside serving.
#[derive(Default)]
pub(crate) struct Extras<'a> {
    /// Further paths to write to.
    pub(crate) writable: Vec<PathBuf>,
    /// Tenants to make if they are not there.
    pub(crate) tenants: Vec<InitialTenant>,
    /// Called once they are.
    pub(crate) initialised: Option<Callback<'a, Initialised>>,
    /// Called once connections are accepted.
    pub(crate) ready: Option<Callback<'a, Addresses>>,
}

type Callback<'a, Told> = Box<dyn FnOnce(&Told) -> io::Result<()> + 'a>;

/// Where it listens.
pub(crate) struct Addresses {
    pub(crate) api: SocketAddr,
    pub(crate) operations: SocketAddr,
    pub(crate) hosted_field: Option<SocketAddr>,
}

/// Serves until told to stop.
pub(crate) fn serve(config: &Config, extras: Extras<'_>) -> Result<(), Failure> {
    let Foundation { hsm, metrics, runtime } = foundation::lay(config, &extras.writable)?;
    let served = runtime.block_on(run(config, hsm, metrics, extras));
    // Threads that are stuck in a system call do not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn run(
    config: &Config,
    hsm: Arc<dyn Hsm>,
    metrics: PrometheusHandle,
    extras: Extras<'_>,
) -> Result<(), Failure> {
    let world = World::open(config, hsm).await?;
    let settings = settings(config);
    world.check_witnesses(&settings).await?;
    if let Some(initialised) = extras.initialised {
        let made =
            initialise(world.ports.clone(), settings.clone(), &config.trust_domain, &extras.tenants).await?;
        initialised(&made).map_err(|error| Failure::Development(error.to_string()))?;
    }
    let vault = Vault::open(world.ports.clone(), settings).await?;
    let served = listen(config, &vault, &world, metrics, extras.ready).await;
    let closed = vault.close().await;
    world.close().await;
    served?;
    closed.map_err(Failure::Close)?;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(
    config: &Config,
    vault: &Vault,
    world: &World,
    metrics: PrometheusHandle,
    ready: Option<Callback<'_, Addresses>>,
) -> Result<(), Failure> {
    let signals = Signals::take().map_err(Failure::Runtime)?;
    let tls = Arc::new(ServerTls::load(&config.tls).map_err(Failure::Files)?);
    let api = bind_api(config, vault, &tls).await?;
    let operations = bind_operations(config, vault, metrics.clone()).await?;
    let hosted_field = match &config.hosted_field {
        Some(field) => Some(hosted_field::bind(field, &config.limits, vault).await?),
        None => None,
    };
    let addresses = Addresses {
        api: api.local_address().map_err(Failure::Runtime)?,
        operations: operations.local_address().map_err(Failure::Runtime)?,
        hosted_field: hosted_field
            .as_ref()
            .map(|(field, _)| field.local_address())
            .transpose()
            .map_err(Failure::Runtime)?,
    };
    let (stop, stop_operations) = (CancellationToken::new(), CancellationToken::new());
    let jobs = [tokio::spawn(observability::keep_up(metrics)), tokio::spawn(world.housekeeping().run())];
    let serving = tokio::spawn(api.serve(stop.clone()));
    let (serving_field, tls_of_field) = match hosted_field {
        Some((field, tls)) => (Some(tokio::spawn(field.serve(stop.clone()))), tls),
        None => (None, None),
    };
    let serving_operations = tokio::spawn(operations.serve(stop_operations.clone()));
    tracing::info!(api = %addresses.api, operations = %addresses.operations, "serving");
    let announced = ready.map_or(Ok(()), |ready| ready(&addresses));
    if announced.is_ok() {
        let all: Vec<_> = std::iter::once(tls).chain(tls_of_field).collect();
        signals.until_stop(&all).await;
        tracing::info!("stopping: finishing what was accepted");
    }
    stop.cancel();
    // All only end; a panic inside has been logged where it happened.
    let _ = serving.await;
    if let Some(serving_field) = serving_field {
        let _ = serving_field.await;
    }
    stop_operations.cancel();
    let _ = serving_operations.await;
    jobs.iter().for_each(tokio::task::JoinHandle::abort);
    announced.map_err(|error| Failure::Development(error.to_string()))
}

async fn bind_api(config: &Config, vault: &Vault, tls: &Arc<ServerTls>) -> Result<HttpsListener, Failure> {
    let limits = router::Limits {
        in_flight: usize::try_from(config.limits.requests_in_flight).unwrap_or(usize::MAX),
        body_deadline: config.limits.body_timeout,
        ..router::Limits::default()
    };
    let address = config.listener.address;
    HttpsListener::bind(
        address,
        Arc::clone(tls),
        Callers::Named(config.trust_domain.clone()),
        config.limits.clone(),
        router::router(vault.clone(), limits, config.listener.grpc()),
    )
    .await
    .map_err(|error| Failure::Listen { setting: "listener.address", address, error })
}

async fn bind_operations(
    config: &Config,
    vault: &Vault,
    metrics: PrometheusHandle,
) -> Result<HttpListener, Failure> {
    let vault = vault.clone();
    let readiness = move || {
        let vault = vault.clone();
        async move { vault.readiness().await }
    };
    let address = config.operations.address;
    HttpListener::bind(address, &config.limits, operations_listener::router(readiness, metrics))
        .await
        .map_err(|error| Failure::Listen { setting: "operations.address", address, error })
}
