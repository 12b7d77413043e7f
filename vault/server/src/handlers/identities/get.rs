use super::view::identity_view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/identities/{service}`.
pub(crate) async fn get(received: Received) -> Outcome {
    let service = received.service()?;
    Reply::json(&identity_view(&received.vault.get_identity(&received.call, &service).await?))
}
