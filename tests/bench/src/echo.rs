//! The floor: axum, hyper and rustls with nothing between them but an echo.

use std::path::Path;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{Outcome, tls};

/// Serves until killed.
pub(crate) async fn serve(directory: &Path, port: u16) -> Outcome<()> {
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
}
