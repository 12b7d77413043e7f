//! The load: so many keep-alive mTLS connections, each asking again as soon as it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Outcome;

/// Path and body of one request.
pub(crate) struct Ask {
    pub(crate) path: String,
    pub(crate) body: String,
}

/// What came of a measurement.
pub(crate) struct Measured {
    pub(crate) requests: u64,
    pub(crate) elapsed: Duration,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }
}

/// One connection.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(crate) async fn open(port: u16, tls: &Arc<ClientConfig>) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost")?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Asks and reads the whole answer; anything but success is an error.
    pub(crate) async fn ask(&mut self, ask: Ask) -> Outcome<Bytes> {
        self.0.ready().await?;
        let request = Request::post(ask.path)
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(ask.body)))?;
        let response = self.0.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        match status {
            StatusCode::OK | StatusCode::CREATED => Ok(body),
            _ => Err(format!("answered {status}").into()),
        }
    }
}

/// Asks on all connections for so long, after a warm-up of a quarter of that; with what `cpu` says was used meanwhile.
pub(crate) async fn run<F>(
    port: u16,
    tls: &Arc<ClientConfig>,
    connections: usize,
    seconds: Duration,
    next: F,
    cpu: impl Fn() -> Outcome<Duration>,
) -> Outcome<(Measured, Duration)>
where
    F: Fn() -> Ask + Send + Sync + 'static,
{
    let (next, measuring, stop) =
        (Arc::new(next), Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let mut tasks = Vec::with_capacity(connections);
    for _ in 0..connections {
        let mut connection = Connection::open(port, tls).await?;
        let (next, measuring, stop) = (Arc::clone(&next), Arc::clone(&measuring), Arc::clone(&stop));
        tasks.push(tokio::spawn(async move {
            let mut latencies: Vec<Duration> = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let counted = measuring.load(Ordering::Relaxed);
                let ask = next();
                let began = Instant::now();
                connection.ask(ask).await?;
                if counted {
                    latencies.push(began.elapsed());
                }
            }
            Outcome::Ok(latencies)
        }));
    }
    tokio::time::sleep(seconds / 4).await;
    let before = cpu()?;
    let began = Instant::now();
    measuring.store(true, Ordering::Relaxed);
    tokio::time::sleep(seconds).await;
    let used = cpu()?.saturating_sub(before);
    let elapsed = began.elapsed();
    stop.store(true, Ordering::Relaxed);
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    latencies.sort_unstable();
    let at = |share: f64| {
        let position = (latencies.len() as f64 * share) as usize;
        latencies.get(position.min(latencies.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    let measured = Measured { requests: latencies.len() as u64, elapsed, p50: at(0.5), p99: at(0.99) };
    Ok((measured, used))
}
