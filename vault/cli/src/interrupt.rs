//! Being asked to stop: once to stop in good order, twice to stop at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// How often the user, or the system, has asked to stop.
#[derive(Clone)]
pub struct Interrupt(watch::Receiver<u32>);

impl Interrupt {
    /// Listens for SIGINT and SIGTERM, which from here on no longer end the process by themselves.
    pub fn listen() -> Self {
        let (sender, receiver) = watch::channel(0);
        let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
        // Where the system refuses, signals go on ending the process, and the import is resumed as after a kill.
        if let (Ok(interrupts), Ok(terminations)) = signals {
            tokio::spawn(count(interrupts, terminations, sender));
        }
        Self(receiver)
    }

    /// Nobody will ask.
    pub fn never() -> Self {
        Self(watch::channel(0).1)
    }

    /// Follows a count that something else keeps.
    pub const fn following(count: watch::Receiver<u32>) -> Self {
        Self(count)
    }

    /// Whether to stop.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until it is to be at once. Never, if nobody can ask any more.
    pub async fn insisted(&self) {
        let mut count = self.0.clone();
        if count.wait_for(|count| *count > 1).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn count(mut interrupts: Signal, mut terminations: Signal, sender: watch::Sender<u32>) {
    loop {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
        sender.send_modify(|count| *count = count.saturating_add(1));
    }
}
