//! Stands between the store and the server, and swallows what the server says when it is told to.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::server::PORT;

/// What becomes of the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Way {
    /// Through.
    Open,
    /// What the server says is lost, and the connection stays: nobody hears of it.
    Silent,
    /// What the server says is lost and the connection breaks.
    Breaking,
    /// What the client says waits for the way to open again.
    Slow,
}

/// The way to a server.
pub(crate) struct Proxy {
    folder: tempfile::TempDir,
    way: Arc<AtomicU8>,
}

impl Proxy {
    pub(crate) fn to(server: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(socket(folder.path())).unwrap();
        let way = Arc::new(AtomicU8::new(Way::Open as u8));
        let (server, turns) = (socket(server), Arc::clone(&way));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(&server).await else { continue };
                tokio::spawn(pass(client, server, Arc::clone(&turns)));
            }
        });
        Self { folder, way }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn set(&self, way: Way) {
        self.way.store(way as u8, Ordering::SeqCst);
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

async fn pass(client: UnixStream, server: UnixStream, way: Arc<AtomicU8>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let is = |way: &AtomicU8, expected: Way| way.load(Ordering::SeqCst) == expected as u8;
    let turns = Arc::clone(&way);
    let forward = async move {
        let mut bytes = vec![0; 65536];
        while let Ok(length @ 1..) = from_client.read(&mut bytes).await {
            while is(&turns, Way::Slow) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            if to_server.write_all(&bytes[..length]).await.is_err() {
                break;
            }
        }
        // A client that is gone is not told to the server at once.
        while is(&turns, Way::Silent) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let back = async move {
        let mut bytes = vec![0; 65536];
        while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
            if is(&way, Way::Breaking) {
                break;
            }
            if !is(&way, Way::Silent) && to_client.write_all(&bytes[..length]).await.is_err() {
                break;
            }
        }
    };
    let forward = tokio::spawn(forward);
    back.await;
    forward.abort();
}
