use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/jobs/{job}`.
pub(crate) async fn get(received: Received) -> Outcome {
    Reply::json(&view(&received.vault.get_job(&received.call, &received.job()?).await?))
}
