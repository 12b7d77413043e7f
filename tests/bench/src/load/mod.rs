//! The load: closed (each connection asks again as soon as it is answered) for throughput and cost, open (arrivals at a
//! constant rate, whatever the answers) for latency and overload.

mod closed;
mod connection;
mod latencies;
mod open;

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

pub(crate) use closed::{Measured, closed};
pub(crate) use connection::{Connection, post};
pub(crate) use latencies::Latencies;
pub(crate) use open::{Arrivals, Ended, Fate, Phase, Ready};

/// Writes the next request into a buffer.
pub(crate) type Requests = Arc<dyn Fn(&mut Vec<u8>) + Send + Sync>;

/// Who asks what, and how.
pub(crate) struct Load {
    pub(crate) port: u16,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) connections: usize,
    pub(crate) requests: Requests,
}

/// The same request again and again.
pub(crate) fn same(path: &str, body: &str) -> Requests {
    let mut request = Vec::new();
    post(&mut request, path, body);
    Arc::new(move |into| into.extend_from_slice(&request))
}

/// One thread for all connections: on two cores the generator must not take more than one.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Opens so many connections, and keeps them open without a word for as long as `meanwhile` takes.
pub(crate) fn idle<T>(load: &Load, meanwhile: impl FnOnce() -> T) -> crate::Outcome<T> {
    let runtime = runtime()?;
    let _connections = runtime.block_on(connect(load))?;
    Ok(meanwhile())
}

/// Asks once, and wants success.
pub(crate) fn ask_once(
    port: u16,
    tls: &Arc<ClientConfig>,
    path: &str,
    body: &str,
) -> crate::Outcome<Vec<u8>> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(port, tls).await?;
        let mut request = Vec::new();
        post(&mut request, path, body);
        let answer = connection.ask(&request).await?;
        if answer.is_success() {
            return Ok(connection.body(answer).to_vec());
        }
        Err(format!("{path} answered {}", answer.status).into())
    })
}

/// Asks each of these once, over one connection, and wants success.
pub(crate) fn ask_each(
    port: u16,
    tls: &Arc<ClientConfig>,
    requests: impl Iterator<Item = (String, String)>,
    mut each: impl FnMut(&[u8]) -> crate::Outcome<()>,
) -> crate::Outcome<()> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(port, tls).await?;
        let mut request = Vec::new();
        for (path, body) in requests {
            request.clear();
            post(&mut request, &path, &body);
            let answer = connection.ask(&request).await?;
            if !answer.is_success() {
                let said = String::from_utf8_lossy(connection.body(answer)).into_owned();
                return Err(format!("{path} answered {}: {said}", answer.status).into());
            }
            each(connection.body(answer))?;
            if answer.is_last {
                connection = Connection::open(port, tls).await?;
            }
        }
        Ok(())
    })
}

async fn connect(load: &Load) -> crate::Outcome<Vec<Connection>> {
    let mut connections = Vec::with_capacity(load.connections);
    for _ in 0..load.connections {
        connections.push(Connection::open(load.port, &load.tls).await?);
    }
    Ok(connections)
}

/// How long the warm-up before a measurement takes.
const fn warm_up(measurement: Duration) -> Duration {
    Duration::from_millis(measurement.as_millis() as u64 / 4)
}
