//! Hears when another node has changed the registry.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Error, PgPool};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::registry::CHANNEL;

/// After this long without a word the connection is tried: one that leads nowhere is silent as well.
const SILENCE: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A connection that listens, for as long as this exists.
pub(super) struct Listening {
    changed: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Listening {
    pub(super) fn start(options: PgConnectOptions, answer_within: Duration) -> Self {
        let changed = Arc::new(Notify::new());
        let task = tokio::spawn(listen(options, answer_within, Arc::clone(&changed)));
        Self { changed, task }
    }

    /// Returns when there was a change since the last time; a change in between is not lost.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    pub(super) fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn listen(options: PgConnectOptions, answer_within: Duration, changed: Arc<Notify>) {
    let pool =
        PgPoolOptions::new().max_connections(1).acquire_timeout(answer_within).connect_lazy_with(options);
    let mut pause = FIRST_PAUSE;
    loop {
        if let Ok(Ok(mut listener)) = timeout(answer_within, connect(&pool)).await {
            pause = FIRST_PAUSE;
            // What was told before is unknown.
            changed.notify_one();
            hear(&mut listener, answer_within, &changed).await;
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

async fn connect(pool: &PgPool) -> Result<PgListener, Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Passes on what is told until the connection fails.
async fn hear(listener: &mut PgListener, answer_within: Duration, changed: &Notify) {
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(_))) => changed.notify_one(),
            Ok(Ok(None) | Err(_)) => return,
            Err(_silence) => {
                let asked = timeout(answer_within, sqlx::query("SELECT 1").execute(&mut *listener)).await;
                if !matches!(asked, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}
