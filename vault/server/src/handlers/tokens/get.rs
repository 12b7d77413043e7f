use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/tokens/{token}`.
pub(crate) async fn get(received: Received) -> Outcome {
    let token = received.token()?;
    Reply::json(&view(&received.vault.get_token(&received.call, token).await?)?)
}
