use super::view::encryption_key_view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/identities/{service}/encryption-keys/{kid}/revoke`.
pub(crate) async fn revoke(received: Received) -> Outcome {
    let (service, kid) = (received.service()?, received.encryption_key()?);
    let key = received.vault.revoke_encryption_key(&received.call, &service, &kid).await?;
    Reply::json(&encryption_key_view(&key)?)
}
