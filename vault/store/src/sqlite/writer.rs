use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use strongroom_core::ports::store::StoreError;
use tokio::sync::{Mutex, MutexGuard, Notify};

use super::failure::store_error;

/// The one connection that writes.
///
/// Whoever writes takes it out and puts it back only after all went well. So a future that is dropped half-way, or an
/// error that leaves a transaction in doubt, takes the connection with it: SQLite rolls back when it is closed, and the
/// next one to write opens a new one.
pub(super) struct Writer {
    options: SqliteConnectOptions,
    connection: Mutex<Option<SqliteConnection>>,
    written: Arc<Notify>,
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions, connection: SqliteConnection) -> Self {
        Self { options, connection: Mutex::new(Some(connection)), written: Arc::default() }
    }

    /// Is notified when something may have been written.
    pub(super) fn written(&self) -> Arc<Notify> {
        Arc::clone(&self.written)
    }

    /// Waits for its turn, then takes the connection out.
    pub(super) async fn take(&self) -> Result<Turn<'_>, StoreError> {
        let mut place = self.connection.lock().await;
        let connection = match place.take() {
            Some(connection) => connection,
            None => self.options.connect().await.map_err(|error| store_error(&error))?,
        };
        Ok(Turn { place, connection, written: &self.written })
    }

    /// Closes the connection in good order.
    pub(super) async fn close(&self) {
        let connection = self.connection.lock().await.take();
        if let Some(connection) = connection {
            // Whatever goes wrong here, the file is as good as after a crash: complete.
            let _ = connection.close().await;
        }
    }
}

/// The writing connection, out of its place. Nobody else writes meanwhile.
pub(super) struct Turn<'a> {
    place: MutexGuard<'a, Option<SqliteConnection>>,
    /// The connection.
    pub(super) connection: SqliteConnection,
    written: &'a Notify,
}

impl Turn<'_> {
    /// Puts the connection back: it is in no transaction.
    pub(super) fn give_back(mut self) {
        *self.place = Some(self.connection);
        self.written.notify_one();
    }
}
