use strongroom_api::encryption_keys::CreateEncryptionKey;
use strongroom_core::NewEncryptionKey;

use super::view::encryption_key_view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::request::{Received, Reply};

/// `POST /v1/identities/{service}/encryption-keys`.
pub(crate) async fn create(received: Received, wanted: CreateEncryptionKey) -> Outcome {
    let service = received.service()?;
    let key = NewEncryptionKey {
        jwk: wanted.jwk.into_secret(),
        reason: wanted.reason.into_string(),
        expires_at: wanted.expires_at.map(|time| time.0),
    };
    let (call, once) = (&received.call, received.idempotency());
    let render =
        |key: &strongroom_core::EncryptionKeyView| rendered(&call.request_id, 201, encryption_key_view(key));
    Reply::answer(received.vault.create_encryption_key(call, &service, key, once, render).await?)
}
