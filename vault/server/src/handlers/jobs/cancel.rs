use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/jobs/{job}/cancel`.
pub(crate) async fn cancel(received: Received) -> Outcome {
    Reply::json(&view(&received.vault.cancel_job(&received.call, &received.job()?).await?))
}
