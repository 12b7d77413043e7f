use strongroom_api::List;
use strongroom_core::VaultError;

use super::view::encryption_key_view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/identities/{service}/encryption-keys`.
pub(crate) async fn list(received: Received) -> Outcome {
    let keys = received.vault.list_encryption_keys(&received.call, &received.service()?).await?;
    let items: Result<Vec<_>, VaultError> = keys.iter().map(encryption_key_view).collect();
    Reply::json(&List { items: items?, next_cursor: None })
}
