//! HTTP on one connection: its timers, its caps, and the ways it ends.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use metrics::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::in_flight::{Answer, InFlight};
use super::restraint::{Restraint, TurnedAway};
use super::size;
use crate::authn::Peer;
use crate::config::Limits;

/// Chosen by ALPN, never guessed from the first bytes: waiting for those has no timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

impl Protocol {
    pub(super) fn of_alpn(chosen: Option<&[u8]>) -> Self {
        match chosen {
            Some(b"h2") => Self::Http2,
            _ => Self::Http1,
        }
    }
}

/// What ends a connection from outside.
pub(super) struct Ends {
    /// Finish what was accepted, take nothing new.
    pub(super) stop: CancellationToken,
    /// At once.
    pub(super) cut: CancellationToken,
    /// Another generation of certificates and revocation lists has come into force.
    pub(super) tls_generation: Option<watch::Receiver<u64>>,
}

/// How connections are served.
pub(super) struct Connections {
    router: Router,
    http1: Builder<TokioExecutor>,
    http2: Builder<TokioExecutor>,
    idle_timeout: Duration,
    age: Duration,
    grace: Duration,
    requests: Gauge,
}

impl Connections {
    pub(super) fn new(router: Router, limits: &Limits) -> Self {
        Self {
            router,
            http1: http1(limits),
            http2: http2(limits),
            idle_timeout: limits.idle_timeout,
            age: limits.connection_age,
            grace: limits.shutdown_grace,
            requests: metrics::gauge!("strongroom_requests_in_flight"),
        }
    }

    /// Serves one connection to its end.
    pub(super) async fn serve<Stream>(
        &self,
        stream: Stream,
        protocol: Protocol,
        peer: Option<Arc<Peer>>,
        ends: Ends,
    ) where
        Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let _counted = Counted::new();
        let in_flight = InFlight::none(self.requests.clone());
        let service = service_fn({
            let (router, in_flight) = (self.router.clone(), in_flight.clone());
            let restraint = Arc::new(Restraint::default());
            move |request| {
                answer(router.clone(), in_flight.clone(), Arc::clone(&restraint), peer.clone(), request)
            }
        });
        let builder = match protocol {
            Protocol::Http1 => &self.http1,
            Protocol::Http2 => &self.http2,
        };
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let Ends { stop, cut, tls_generation } = ends;
        let its_time = async {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.age) => {}
                () = next_generation(tls_generation) => {}
                () = in_flight.idle_for(self.idle_timeout) => {}
            }
        };
        // Looked at only when one of these wakes it, and not with every byte that comes or goes.
        let mut its_time: FuturesUnordered<_> = std::iter::once(its_time).collect();
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            _ = its_time.next() => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ = connection.as_mut() => {}
            () = tokio::time::sleep(self.grace) => {}
            () = cut.cancelled() => {}
        }
    }
}

async fn next_generation(generation: Option<watch::Receiver<u64>>) {
    if let Some(mut generation) = generation
        && generation.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

async fn answer(
    router: Router,
    in_flight: InFlight,
    restraint: Arc<Restraint>,
    peer: Option<Arc<Peer>>,
    mut request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let begun = in_flight.begin();
    restraint.hold_back().await;
    if let Some(peer) = peer {
        request.extensions_mut().insert(peer);
    }
    let response = match router.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    restraint.note(response.extensions().get::<TurnedAway>().is_some(), Instant::now());
    Ok(response.map(|body| Answer::ending(begun, body)))
}

fn http1(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        // From the first byte that may come, so it also ends connections that are kept alive for nothing.
        .header_read_timeout(limits.header_timeout)
        .max_headers(size(limits.header_fields))
        .max_buf_size(size(limits.header_bytes))
        .half_close(false);
    builder
}

fn http2(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new()).http2_only();
    let resets = size(limits.http2_resets);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.http2_streams)
        .max_pending_accept_reset_streams(resets)
        .max_local_error_reset_streams(resets)
        .max_header_list_size(limits.header_bytes)
        .initial_stream_window_size(limits.http2_stream_window_bytes)
        .initial_connection_window_size(limits.http2_stream_window_bytes.saturating_mul(16))
        .max_send_buf_size(size(limits.http2_stream_window_bytes))
        .keep_alive_interval(limits.http2_ping_interval)
        .keep_alive_timeout(limits.http2_ping_timeout);
    builder
}

/// Counts open connections, for as long as it lives.
struct Counted;

impl Counted {
    fn new() -> Self {
        metrics::gauge!("strongroom_connections").increment(1);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("strongroom_connections").decrement(1);
    }
}
