use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/keys/{key}`.
pub(crate) async fn get(received: Received) -> Outcome {
    let name = received.key()?;
    Reply::json(&view(&received.vault.get_key(&received.call, &name).await?))
}
