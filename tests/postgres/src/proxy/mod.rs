//! A TCP proxy before the server, for the faults of networks: answers that get lost, connections that break or hang.

mod frames;
mod observer;
mod pump;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::PostgresServer;

/// Where the proxy forwards to.
#[derive(Debug, Clone)]
pub enum Target {
    /// The server's TCP port, which speaks TLS only: the proxy sees lengths, not contents.
    Tls(SocketAddr),
    /// The server's Unix socket, which speaks no TLS: a client that connects to the proxy with TLS disabled gets through,
    /// and the proxy reads what is said.
    Plain(PathBuf),
}

/// Which answer of the server is to be lost.
///
/// A request is all that a client sends until the server answers; its length is that of its encrypted records or plain
/// messages. Opening a session takes requests of a few hundred bytes each, so 1,000 is a good bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// The answer to a request of at least so many bytes: the outcome of a statement with many values.
    OfAtLeast(usize),
    /// The answer to the first shorter request that follows one of at least so many bytes on the same connection: the
    /// outcome of a COMMIT that is sent by itself after the statements. A BEGIN comes before them and is let pass.
    AfterOneOfAtLeast(usize),
    /// The answer to a request that holds the word COMMIT, in a query or a statement to prepare. Plain targets only.
    Commit,
    /// The answer to a request that executes a prepared statement. Plain targets only.
    Execute,
}

/// A proxy on a loopback port of its own. Runs on the runtime it was started on; dropping it closes the port and every
/// connection through it.
#[derive(Debug)]
pub struct CuttingProxy {
    address: SocketAddr,
    control: Arc<Control>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Control {
    target: Target,
    black_hole: watch::Sender<bool>,
    cuts: watch::Sender<()>,
    refuse: AtomicBool,
    armed: Mutex<Option<Armed>>,
    arms: AtomicU64,
    lost: watch::Sender<usize>,
    open: watch::Sender<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Armed {
    request: Request,
    /// Tells this arming from earlier ones.
    number: u64,
}

impl CuttingProxy {
    /// A proxy before the server's TLS port.
    pub async fn start(server: &PostgresServer) -> io::Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
        Self::before(Target::Tls(address)).await
    }

    /// A proxy before the server's Unix socket, for clients with TLS disabled.
    pub async fn start_plain(server: &PostgresServer) -> io::Result<Self> {
        let name = format!(".s.PGSQL.{}", server.port());
        Self::before(Target::Plain(server.connection().socket_folder.join(name))).await
    }

    /// A proxy before anything.
    pub async fn before(target: Target) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let control = Arc::new(Control {
            target,
            black_hole: watch::Sender::new(false),
            cuts: watch::Sender::new(()),
            refuse: AtomicBool::new(false),
            armed: Mutex::new(None),
            arms: AtomicU64::new(0),
            lost: watch::Sender::new(0),
            open: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&control)));
        Ok(Self { address, control, accepting })
    }

    /// The proxy's own port. The server's certificate is good for it too: it names addresses, not ports.
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Loses one answer, on whichever connection first asks for it: the request is forwarded in full, the proxy takes the
    /// server's answer, waits until the server has been silent for 200 ms, and closes both connections without
    /// a byte of the answer to the client. Replaces an earlier wish that has not come true.
    pub fn lose_answer(&self, request: Request) {
        let number = self.control.arms.fetch_add(1, Ordering::Relaxed);
        *self.control.armed() = Some(Armed { request, number });
    }

    /// [`Self::lose_answer`] of the next COMMIT that goes by itself after statements of at least so many bytes, or, with
    /// a plain target, of the next COMMIT whatsoever.
    pub fn cut_after_commit(&self, statement_bytes: usize) {
        self.lose_answer(match self.control.target {
            Target::Tls(_) => Request::AfterOneOfAtLeast(statement_bytes),
            Target::Plain(_) => Request::Commit,
        });
    }

    /// How many answers were lost.
    pub fn lost_answers(&self) -> usize {
        *self.control.lost.borrow()
    }

    /// Waits until so many answers were lost in all. False when that took too long.
    pub async fn wait_for_lost_answers(&self, number: usize, longest: Duration) -> bool {
        let mut lost = self.control.lost.subscribe();
        tokio::time::timeout(longest, lost.wait_for(|lost| *lost >= number)).await.is_ok()
    }

    /// While on, nothing is forwarded in either direction, not even the end of a connection; connections stay open and
    /// new ones are accepted. What was sent meanwhile arrives when it is turned off.
    pub fn black_hole(&self, on: bool) {
        self.control.black_hole.send_replace(on);
    }

    /// While on, a new connection is reset as soon as it is made, as by a balancer without a server behind it. Those that
    /// are open stay. For a port that nobody listens on, stop the server.
    pub fn refuse(&self, on: bool) {
        self.control.refuse.store(on, Ordering::SeqCst);
    }

    /// Closes every connection at once, both sides, whatever is under way.
    pub fn cut_all(&self) {
        self.control.cuts.send_replace(());
    }

    /// How many connections are open.
    pub fn open_connections(&self) -> usize {
        *self.control.open.borrow()
    }
}

impl Control {
    fn armed(&self) -> std::sync::MutexGuard<'_, Option<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CuttingProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut_all();
    }
}

async fn accept(listener: TcpListener, control: Arc<Control>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await; // Out of file descriptors, say.
            continue;
        };
        if control.refuse.load(Ordering::SeqCst) {
            // Without lingering, closing resets. Failing that, it closes.
            let _ = client.set_zero_linger();
            continue;
        }
        // Before the task runs, so that no cut is missed.
        let cuts = control.cuts.subscribe();
        control.open.send_modify(|open| *open += 1);
        tokio::spawn(connection(client, cuts, Arc::clone(&control)));
    }
}

async fn connection(client: TcpStream, mut cuts: watch::Receiver<()>, control: Arc<Control>) {
    tokio::select! {
        _ = cuts.changed() => {}
        // A connection that fails ends, and both sides see that.
        _ = pump::forward(client, &control) => {}
    }
    control.open.send_modify(|open| *open -= 1);
}
