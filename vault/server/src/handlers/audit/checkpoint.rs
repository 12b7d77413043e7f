use strongroom_api::Text;
use strongroom_api::audit::CheckpointView;

use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/audit/checkpoints/latest`.
pub(crate) async fn checkpoint(received: Received) -> Outcome {
    let latest = received.vault.latest_checkpoint(&received.call).await?;
    Reply::json(&CheckpointView {
        stream: latest.stream,
        size: latest.size,
        note: latest.note,
        created_at: Text(latest.created_at),
    })
}
