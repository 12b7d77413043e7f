use strongroom_api::Text;
use strongroom_api::audit::{CheckpointView, CheckpointsView};

use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/audit/checkpoints`.
pub(crate) async fn checkpoints(received: Received) -> Outcome {
    let notes = received.vault.latest_checkpoints(&received.call).await?;
    let checkpoints = notes.into_iter().map(|note| CheckpointView {
        stream: note.stream,
        size: note.size,
        note: note.note,
        created_at: Text(note.created_at),
    });
    Reply::json(&CheckpointsView { checkpoints: checkpoints.collect() })
}
