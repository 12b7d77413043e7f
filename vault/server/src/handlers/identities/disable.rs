use super::view::identity_view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/identities/{service}/disable`.
pub(crate) async fn disable(received: Received) -> Outcome {
    let service = received.service()?;
    Reply::json(&identity_view(&received.vault.disable_identity(&received.call, &service).await?))
}
