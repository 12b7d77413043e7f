//! What comes before anything asynchronous: one thread, in this order.

use std::path::PathBuf;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use strongroom_core::ports::Hsm;
use tokio::runtime::Runtime;

use super::Failure;
use crate::config::Config;
use crate::{hardening, observability, wiring};

/// A hardened process with a tested library and a connected HSM.
pub(super) struct Foundation {
    pub(super) hsm: Arc<dyn Hsm>,
    pub(super) metrics: PrometheusHandle,
    pub(super) runtime: Runtime,
}

/// Lays it. `writable` is what the process may write to beside what the configuration names.
pub(super) fn lay(config: &Config, writable: &[PathBuf]) -> Result<Foundation, Failure> {
    let metrics = observability::install(&config.log.filter)?;
    // Inherited descriptors are opened by a name that hardening takes away; the PIN is read once it cannot leak.
    let pin = config.hsm.pin_source().open().map_err(Failure::Pin)?;
    let writable = [config.writable_paths(), writable.to_vec()].concat();
    hardening::report(&hardening::harden(&config.hardening, &writable, &config.outbound_tcp_ports())?);
    observability::write_log_later().map_err(Failure::Runtime)?;
    strongroom_crypto::self_test::run()?;
    let hsm = wiring::connect_hsm(&config.hsm, pin.read().map_err(Failure::Pin)?)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    Ok(Foundation { hsm, metrics, runtime })
}
