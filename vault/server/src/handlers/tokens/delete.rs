use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `DELETE /v1/tokens/{token}`.
pub(crate) async fn delete(received: Received) -> Outcome {
    let token = received.token()?;
    received.vault.delete_token(&received.call, token).await?;
    Ok(Reply::nothing())
}
