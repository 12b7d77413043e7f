use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::tls::ServerTls;

/// What the operating system may tell us. Taken before the first listener, so that no signal is lost.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    reload: Signal,
}

impl Signals {
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            reload: signal(SignalKind::hangup())?,
        })
    }

    /// Returns when it is time to stop; reads certificates again whenever asked to.
    pub(super) async fn until_stop(mut self, tls: &[Arc<ServerTls>]) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.reload.recv() => tls.iter().for_each(|tls| reload(tls)),
            }
        }
    }
}

fn reload(tls: &ServerTls) {
    match tls.reload() {
        Ok(()) => tracing::info!("certificates and revocation lists were read again"),
        Err(problems) => {
            metrics::counter!("strongroom_tls_reload_failures_total").increment(1);
            for problem in problems {
                tracing::error!(%problem, "certificates stay as they were");
            }
        }
    }
}
