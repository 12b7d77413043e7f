//! The floor of every request: axum, hyper and rustls with nothing between them but an echo.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::load::{Load, Measured, closed, same};
use crate::vault::Vault;
use crate::{Outcome, cpu, tls};

/// Serves until killed.
pub(crate) fn serve(directory: &Path, port: u16) -> Outcome<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let acceptor = TlsAcceptor::from(tls::server(directory)?);
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let application = Router::new().route("/echo", post(async |body: Bytes| body));
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (acceptor, application) = (acceptor.clone(), application.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let mut builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                builder.http1().timer(TokioTimer::new());
                let service = TowerToHyperService::new(application);
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

/// What the echo of this body costs, in a process of its own, with the vault's certificates.
pub(crate) fn measured(
    vault: &Vault,
    body: &str,
    connections: usize,
    seconds: Duration,
) -> Outcome<Measured> {
    let echo = vault.start_echo()?;
    let load = Load {
        port: echo.port(),
        tls: vault.client("acme", "encryptor")?,
        connections,
        requests: same("/echo", body),
    };
    closed(&load, seconds, || cpu::of_process(echo.id()))
}
