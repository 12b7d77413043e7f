//! Forwarding, byte for byte, until an answer is to be lost.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use super::observer::Observer;
use super::{Control, Target};

/// So long without a byte, and the server has said all it had to say.
const SILENCE: Duration = Duration::from_millis(200);

/// Forwards between a client and the target until either closes, or until an answer was lost. Both ends close then.
pub(super) async fn forward(client: TcpStream, control: &Control) -> io::Result<()> {
    client.set_nodelay(true)?;
    flowing(control).await;
    match &control.target {
        Target::Tls(address) => {
            let server = TcpStream::connect(address).await?;
            server.set_nodelay(true)?;
            both_ways(client.into_split(), server.into_split(), control).await
        }
        Target::Plain(path) => {
            let server = UnixStream::connect(path).await?;
            both_ways(client.into_split(), server.into_split(), control).await
        }
    }
}

async fn both_ways(
    client: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    server: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    control: &Control,
) -> io::Result<()> {
    let observer = Mutex::new(Observer::default());
    tokio::select! {
        ended = requests(client.0, server.1, &observer, control) => ended,
        ended = answers(server.0, client.1, &observer, control) => ended,
    }
}

async fn requests(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    observer: &Mutex<Observer>,
    control: &Control,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = client.read(&mut buffer).await?;
        flowing(control).await;
        let bytes = buffer.get(..length).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
        // Before the server can answer.
        locked(observer).requested(bytes);
        server.write_all(bytes).await?;
    }
}

async fn answers(
    mut server: impl AsyncRead + Unpin,
    mut client: impl AsyncWrite + Unpin,
    observer: &Mutex<Observer>,
    control: &Control,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = server.read(&mut buffer).await?;
        flowing(control).await;
        let bytes = buffer.get(..length).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
        if is_to_be_lost(bytes, observer, control) {
            while let Ok(Ok(1..)) = tokio::time::timeout(SILENCE, server.read(&mut buffer)).await {}
            control.lost.send_modify(|lost| *lost += 1);
            return Ok(());
        }
        client.write_all(bytes).await?;
    }
}

fn is_to_be_lost(bytes: &[u8], observer: &Mutex<Observer>, control: &Control) -> bool {
    let mut armed = control.armed();
    let lost = locked(observer).answered(bytes, *armed);
    if lost {
        *armed = None;
    }
    lost
}

/// Waits while the proxy is a black hole. Fails never: the proxy outlives what it forwards.
async fn flowing(control: &Control) {
    let _ = control.black_hole.subscribe().wait_for(|on| !on).await;
}

fn locked(observer: &Mutex<Observer>) -> MutexGuard<'_, Observer> {
    observer.lock().unwrap_or_else(PoisonError::into_inner)
}
