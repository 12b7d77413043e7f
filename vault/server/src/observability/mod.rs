//! Logs as JSON lines on standard error, metrics for Prometheus.
//!
//! Nothing secret is ever handed to the log. Should that fail once, every line still passes through [`scrub`], which
//! masks whatever could be a card number. A panic's text, which may quote values, is not logged at all.

mod line_buffer;
mod scrubber;

use std::io::{self, Stderr, stderr};
use std::sync::LazyLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use line_buffer::LineBuffer;
pub use scrubber::scrub;

/// The environment variable that goes before the configured filter.
pub const LOG_VARIABLE: &str = "STRONGROOM_LOG";

/// The way to standard error.
static LOG: LazyLock<LineBuffer<Stderr>> = LazyLock::new(|| LineBuffer::over(stderr()));

/// From here on lines that can wait a moment are written together, by a thread as confined as this one is now.
pub fn write_log_later() -> io::Result<()> {
    LOG.write_later()
}

/// Writes what waits: the end is near, or something else is to be written to standard error.
pub fn flush_log() {
    LOG.flush();
}

/// Why there is no log or no metrics.
#[derive(Debug, thiserror::Error)]
pub enum ObservabilityError {
    /// Not a filter.
    #[error("log.filter: is not a filter: `info`, or `info,strongroom_core=debug`")]
    Filter(#[source] ParseError),
    /// Something else in this process has taken the place.
    #[error("the log or the metrics were installed twice")]
    Twice,
}

/// Installs both. The handle renders the metrics.
pub fn install(filter: &str) -> Result<PrometheusHandle, ObservabilityError> {
    let filter = std::env::var(LOG_VARIABLE).unwrap_or_else(|_| filter.to_owned());
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(parse_filter(&filter).map_err(ObservabilityError::Filter)?)
        .with_writer(LOG.clone())
        .try_init()
        .map_err(|_| ObservabilityError::Twice)?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a task panicked");
        metrics::counter!("strongroom_panics_total").increment(1);
    }));
    let recorder = metrics_recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| ObservabilityError::Twice)?;
    Ok(handle)
}

/// Moves recorded samples on, so that they do not pile up between two visits of Prometheus. Never ends.
pub async fn keep_up(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        metrics.run_upkeep();
    }
}

/// Reads a filter.
pub fn parse_filter(text: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(text)
}

fn metrics_recorder() -> Result<PrometheusRecorder, ObservabilityError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_units".to_owned()), UNITS))
        .map(PrometheusBuilder::build_recorder)
        .map_err(|_| ObservabilityError::Twice)
}

/// From a cached token to a hung HSM.
const SECONDS: &[f64] = &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// From one request to a full batch.
const UNITS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
