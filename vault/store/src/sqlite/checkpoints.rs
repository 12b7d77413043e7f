//! Moves the log into the file beside the commits.
//!
//! SQLite does it within the commit that fills the log, and that commit and all behind it wait until sixteen megabytes
//! are moved and on disk. Moved in small parts by another connection, little is left to do when the log is full.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Between two parts, while there are commits.
const PAUSE: Duration = Duration::from_millis(250);
/// Takes what there is without waiting for anybody, and makes nobody wait.
const MOVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// For as long as this exists.
pub(super) struct Checkpoints {
    connection: Arc<Mutex<Option<SqliteConnection>>>,
    task: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts; `written` tells of commits.
    pub(super) fn start(options: SqliteConnectOptions, written: Arc<Notify>) -> Self {
        let connection = Arc::<Mutex<Option<SqliteConnection>>>::default();
        let task = tokio::spawn(run(options, written, Arc::clone(&connection)));
        Self { connection, task }
    }

    /// Ends, and closes the connection in good order.
    pub(super) async fn close(&self) {
        // The lock is held while a part is being moved: it is let finish.
        let connection = self.connection.lock().await.take();
        self.task.abort();
        if let Some(connection) = connection {
            let _ = connection.close().await;
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    options: SqliteConnectOptions,
    written: Arc<Notify>,
    connection: Arc<Mutex<Option<SqliteConnection>>>,
) {
    loop {
        written.notified().await;
        sleep(PAUSE).await;
        let mut place = connection.lock().await;
        if place.is_none() {
            *place = options.connect().await.ok();
        }
        let Some(open) = place.as_mut() else { continue };
        // What fails here the commit that fills the log will do, and its caller is told.
        if sqlx::query(MOVE).execute(open).await.is_err() {
            *place = None;
        }
    }
}
