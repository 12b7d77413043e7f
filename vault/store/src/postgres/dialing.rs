//! Connects to the server with TCP_NODELAY.
//!
//! sqlx 0.9.0 leaves Nagle's algorithm on and writes each TLS record by itself, so of a commit longer than one record
//! (16 KiB) the second waits on loopback for the server's delayed acknowledgement: 40 ms (sqlx issue 4335, mended in its
//! repository but not in a release). Its socket cannot be reached from outside, so it is given a Unix socket, and what
//! goes through that is carried to a TCP socket of our own. TLS, and with it the check of the server's name, stays
//! between sqlx and the server. When sqlx is released with the correction, this file goes.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Error, PgConnection};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy_buf};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::sync::oneshot;

/// Two TLS records.
const BUFFER: usize = 32 * 1024;

/// Connects.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    if options.get_socket().is_some() {
        return options.connect().await;
    }
    let server = TcpStream::connect((options.get_host(), options.get_port())).await?;
    server.set_nodelay(true)?;
    let folder = format!("\0strongroom-{:016x}", RandomState::new().build_hasher().finish());
    let door = UnixListener::bind(format!("{folder}/.s.PGSQL.{}", options.get_port()))?;
    // Ends by itself: when either side closes, or with this future if nobody came.
    let (come, came) = oneshot::channel();
    tokio::spawn(async move {
        if let Ok(client) = came.await {
            carry(client, server).await;
        }
    });
    let own = async {
        let client = ours(&door).await?;
        let _ = come.send(client);
        std::future::pending::<io::Result<()>>().await
    };
    let options = options.clone().socket(folder);
    tokio::select! {
        connection = options.connect() => connection,
        Err(error) = own => Err(error.into()),
    }
}

/// Other processes may knock at an abstract address; only this one is let in.
async fn ours(door: &UnixListener) -> io::Result<UnixStream> {
    let this = i32::try_from(std::process::id()).ok();
    loop {
        let (client, _) = door.accept().await?;
        if client.peer_cred()?.pid() == this {
            return Ok(client);
        }
    }
}

/// Carries bytes both ways until one side closes; the other side then hears of it.
async fn carry(client: UnixStream, server: TcpStream) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = one_way(from_client, to_server) => {}
        () = one_way(from_server, to_client) => {}
    }
}

/// An error ends it as the end of the stream does: either side finds its peer gone.
async fn one_way(from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let mut from = BufReader::with_capacity(BUFFER, from);
    let _ = copy_buf(&mut from, &mut to).await;
    let _ = to.shutdown().await;
}
