use strongroom_api::jobs::CompleteJob;
use strongroom_core::Completion;
use strongroom_crypto::row_checksum_v1::RowChecksum;

use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/jobs/{job}/complete`.
pub(crate) async fn complete(received: Received, wanted: CompleteJob) -> Outcome {
    let checksum = wanted.checksum.map(|checksum| RowChecksum::from_bytes(checksum.0.0));
    let completion = Completion { rows: wanted.rows, checksum };
    Reply::json(&view(&received.vault.complete_job(&received.call, &received.job()?, &completion).await?))
}
