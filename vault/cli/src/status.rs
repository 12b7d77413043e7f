//! `strongroom status`

use strongroom_api::status::{HsmHealth, StatusView, StreamStatus};

use crate::failure::Failure;
use crate::output::{Show, Table};
use crate::session::Session;

/// Shows it.
pub async fn run(session: &Session) -> Result<(), Failure> {
    session.show(&session.vault()?.get_status().await?)
}

impl Show for StatusView {
    fn table(&self) -> Table {
        let hsm = &self.hsm;
        Table::about()
            .field("node", &self.node)
            .field("version", &self.version)
            .field("started_at", self.started_at.0)
            .field("cluster", &self.cluster)
            .optional("trust_domain", self.trust_domain.as_ref())
            .field("store", ready(self.store.ready))
            .field("hsm", health(hsm.health))
            .field("hsm library", &hsm.library)
            .field("hsm token", format!("{} ({}, {})", hsm.token_label, hsm.token_model, hsm.token_serial))
            .rows(&hsm.mechanisms, |use_of| [format!("hsm {}", use_of.purpose), use_of.mechanism.clone()])
            .field("audit", ready(self.audit.ready))
            .rows(&self.audit.streams, |stream| [format!("audit stream {}", stream.stream), extent(stream)])
            .field("audit verifier key", &self.audit.verifier_key)
            .field("policies", &self.policy_fingerprint)
            .field("registry epoch", self.registry_epoch)
    }
}

fn extent(stream: &StreamStatus) -> String {
    let uncovered = stream.size.saturating_sub(stream.checkpoint_size);
    format!("{} events, {uncovered} not yet under a checkpoint", stream.size)
}

const fn health(health: HsmHealth) -> &'static str {
    match health {
        HsmHealth::Ready => "ready",
        HsmHealth::Recovering => "recovering",
        HsmHealth::Failed => "failed",
    }
}

const fn ready(ready: bool) -> &'static str {
    if ready { "ready" } else { "not ready" }
}
