use std::sync::Mutex;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use strongroom_core::ports::store::StoreError;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::dialing;
use super::failure::store_error;
use super::rows::fetch_rows;
use super::values::Values;

/// A connection that has been idle for this long is asked whether it is still there before it is used: a dead one would
/// leave a commit in doubt that was never sent.
const IDLE_UNASKED: Duration = Duration::from_millis(500);

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Connecting.
    pub(super) connect: Duration,
    /// Waiting for a free connection.
    pub(super) wait: Duration,
    /// The answer to a statement; longer than the server allows itself.
    pub(super) answer: Duration,
}

/// A few connections for one kind of work.
///
/// Whoever needs one takes it out and puts it back only after all went well. So a future that is dropped half-way, or an
/// error that leaves a transaction or the protocol in doubt, takes the connection with it. The server may go on with
/// what it was told, so before the next one is handed out the abandoned backend is ended and its end awaited: what it
/// was doing is then done or not, and holds no lock.
pub(super) struct Connections {
    options: PgConnectOptions,
    limits: Limits,
    places: Semaphore,
    /// With the time since which each is known to be there; none for one that is to be asked.
    idle: Mutex<Vec<(Session, Option<Instant>)>>,
    abandoned: Mutex<Vec<Backend>>,
}

/// A connection that is in no transaction and between two statements when it is taken out.
pub(super) struct Session {
    pub(super) connection: PgConnection,
    pub(super) answer_within: Duration,
    backend: Backend,
}

/// A server process; its number alone may come again.
#[derive(Debug, Clone)]
struct Backend {
    process: i32,
    started: String,
}

impl Connections {
    pub(super) fn new(options: PgConnectOptions, most: u32, limits: Limits) -> Self {
        Self {
            options,
            limits,
            places: Semaphore::new(usize::try_from(most).unwrap_or(1).max(1)),
            idle: Mutex::default(),
            abandoned: Mutex::default(),
        }
    }

    /// Waits for its turn, then takes a connection out or opens one.
    pub(super) async fn take(&self) -> Result<Turn<'_>, StoreError> {
        let place = timeout(self.limits.wait, self.places.acquire())
            .await
            .map_err(|_| StoreError::Unavailable("all connections are in use"))?
            .map_err(|_| CLOSED)?;
        let session = match self.still_there().await {
            Some(session) => session,
            None => self.open().await?,
        };
        let mut turn = Turn { connections: self, session: Some(session), _place: place };
        turn.end_abandoned().await?;
        Ok(turn)
    }

    /// Closes all connections; those in use go when they are put back.
    pub(super) async fn close(&self) {
        self.places.close();
        let idle = self.idle.lock().map(|mut idle| std::mem::take(&mut *idle)).unwrap_or_default();
        for (session, _) in idle {
            // A server that is gone needs no goodbye.
            let _ = timeout(self.limits.connect, session.connection.close()).await;
        }
    }

    /// An idle connection, the one used last, unless it is dead.
    async fn still_there(&self) -> Option<Session> {
        loop {
            let (mut session, since) = self.idle.lock().ok()?.pop()?;
            if since.is_some_and(|since| since.elapsed() < IDLE_UNASKED) {
                return Some(session);
            }
            if let Ok(Ok(())) = timeout(self.limits.connect, session.connection.ping()).await {
                return Some(session);
            }
        }
    }

    async fn open(&self) -> Result<Session, StoreError> {
        let connection = timeout(self.limits.connect, dialing::connect(&self.options))
            .await
            .map_err(|_| StoreError::Unavailable("the database does not accept connections"))?
            .map_err(|error| store_error(&error))?;
        let backend = Backend { process: 0, started: String::new() };
        let mut session = Session { connection, answer_within: self.limits.answer, backend };
        let rows = fetch_rows(&mut session, WHO_AM_I, Values::default()).await;
        let rows = rows.map_err(|error| store_error(&error))?;
        let row = rows.first().ok_or(StoreError::Unreadable("process"))?;
        let read = |_| StoreError::Unreadable("process");
        session.backend = Backend {
            process: sqlx::Row::try_get(row, 0).map_err(read)?,
            started: sqlx::Row::try_get(row, 1).map_err(read)?,
        };
        Ok(session)
    }
}

const CLOSED: StoreError = StoreError::Unavailable("the store is closed");
const WHO_AM_I: &str = "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()";
/// A role may end its own processes; it waits for two seconds at most.
const END: &str = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2";

/// A connection, out of its place.
pub(super) struct Turn<'a> {
    connections: &'a Connections,
    session: Option<Session>,
    _place: SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// The connection.
    pub(super) fn session(&mut self) -> Result<&mut Session, StoreError> {
        self.session.as_mut().ok_or(CLOSED)
    }

    /// Puts the connection back: it is in no transaction, and every statement was answered.
    pub(super) fn give_back(mut self) {
        if let (Some(session), Ok(mut idle)) = (self.session.take(), self.connections.idle.lock())
            && !self.connections.places.is_closed()
        {
            idle.push((session, Some(Instant::now())));
        }
    }

    async fn end_abandoned(&mut self) -> Result<(), StoreError> {
        loop {
            let next = self.connections.abandoned.lock().ok().and_then(|mut abandoned| abandoned.pop());
            let Some(backend) = next else { return Ok(()) };
            let mut values = Values::default();
            values.process(backend.process);
            values.text(&backend.started);
            let ended = fetch_rows(self.session()?, END, values).await;
            if let Err(error) = ended {
                self.connections.abandon(backend);
                return Err(store_error(&error));
            }
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.connections.abandon(session.backend);
        }
    }
}

impl Connections {
    fn abandon(&self, backend: Backend) {
        if let Ok(mut abandoned) = self.abandoned.lock()
            && abandoned.len() < MOST_ABANDONED
        {
            abandoned.push(backend);
        }
        // What ended one connection may have ended all: none is used unasked, or trying again would only find the next
        // dead one.
        if let Ok(mut idle) = self.idle.lock() {
            idle.iter_mut().for_each(|(_, since)| *since = None);
        }
    }
}

/// While the server is away there is no end to them, and it ends them itself.
const MOST_ABANDONED: usize = 64;
