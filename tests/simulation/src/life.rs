//! One life of a node: from its start to its crash. After that nothing it does reaches the world any more.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

/// Ends at a crash. Tasks of a dead node are not stopped, but each of their calls to the world outside waits for ever,
/// which nobody can tell from a process that is gone.
pub(crate) struct Life {
    dead: AtomicBool,
    /// Wakes in the order of waiting. A watch channel would wake in random order, and no run would be like another.
    crashed: Notify,
    /// Points that may still be passed; 0: any number.
    fuse: AtomicU64,
}

impl Life {
    pub(crate) fn begin() -> Self {
        Self { dead: AtomicBool::new(false), crashed: Notify::new(), fuse: AtomicU64::new(0) }
    }

    /// It crashes at the so-manyth point from now.
    pub(crate) fn light_fuse(&self, points: u64) {
        self.fuse.store(points, Ordering::SeqCst);
    }

    pub(crate) fn end(&self) {
        self.dead.store(true, Ordering::SeqCst);
        self.crashed.notify_waiters();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// A point between two steps of the node: here it may crash. Does not return if it has.
    pub(crate) async fn point(&self) {
        let fuse = self.fuse.load(Ordering::SeqCst);
        if fuse > 0 {
            self.fuse.store(fuse - 1, Ordering::SeqCst);
            if fuse == 1 {
                self.end();
            }
        }
        if self.is_over() {
            pending::<()>().await;
        }
    }

    /// Returns at the crash.
    pub(crate) async fn over(&self) {
        // Waits before it looks: a crash between the two is not missed.
        let crash = self.crashed.notified();
        if !self.is_over() {
            crash.await;
        }
    }

    /// The outcome, unless the crash comes first.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.over() => None,
            outcome = work => Some(outcome),
        }
    }
}
