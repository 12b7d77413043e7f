use strongroom_api::Text;
use strongroom_api::status::{
    AuditStatus, HsmHealth, HsmStatus, MechanismView, StatusView, StoreStatus, StreamStatus,
};
use strongroom_core::ports::HsmHealth as Health;
use strongroom_core::{Status, StreamStatus as Stream};

use super::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/status`.
pub(crate) async fn get(received: Received) -> Outcome {
    let status = received.vault.status(&received.call).await?;
    Reply::json(&view(status))
}

fn view(status: Status) -> StatusView {
    let mechanism = |(purpose, mechanism): (&str, &str)| MechanismView {
        purpose: purpose.to_owned(),
        mechanism: mechanism.to_owned(),
    };
    StatusView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        node: status.node,
        cluster: status.cluster,
        trust_domain: Some(status.trust_domain.to_string()),
        hsm: HsmStatus {
            health: match status.readiness.hsm {
                Health::Ready => HsmHealth::Ready,
                Health::Recovering => HsmHealth::Recovering,
                Health::Failed => HsmHealth::Failed,
            },
            library: status.hsm.library,
            token_label: status.hsm.token_label,
            token_serial: status.hsm.token_serial,
            token_model: status.hsm.token_model,
            mechanisms: status.hsm.mechanisms.into_iter().map(mechanism).collect(),
        },
        store: StoreStatus { ready: status.readiness.store },
        audit: AuditStatus {
            ready: status.readiness.audit,
            streams: status.streams.into_iter().map(stream).collect(),
            verifier_key: status.verifier_key,
        },
        policy_fingerprint: status.policy_fingerprint,
        registry_epoch: status.registry_epoch,
        started_at: Text(status.started_at),
    }
}

fn stream(status: Stream) -> StreamStatus {
    StreamStatus { stream: status.stream, size: status.size, checkpoint_size: status.checkpoint_size }
}
