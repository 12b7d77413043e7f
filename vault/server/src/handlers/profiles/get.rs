use super::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/token-profiles/{profile}`.
pub(crate) async fn get(received: Received) -> Outcome {
    let name = received.profile()?;
    Reply::json(&view(&received.vault.get_profile(&received.call, &name).await?))
}
