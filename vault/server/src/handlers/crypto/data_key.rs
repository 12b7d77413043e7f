use strongroom_api::crypto::{CreateDataKey, DEFAULT_DATA_KEY_LENGTH, DataKeyView};
use strongroom_api::{Binary, SecretBytes};
use strongroom_core::DataKeyRequest;

use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/keys/{key}/data-key`.
pub(crate) async fn data_key(received: Received, wanted: CreateDataKey) -> Outcome {
    let key = received.key()?;
    let length = wanted.length.unwrap_or(DEFAULT_DATA_KEY_LENGTH);
    let wanted =
        DataKeyRequest { length: usize::try_from(length).unwrap_or_default(), context: wanted.context.0 };
    let made = received.vault.data_key(&received.call, &key, &wanted).await?;
    Reply::json(&DataKeyView {
        plaintext: SecretBytes::from(made.plaintext),
        ciphertext: Binary(made.ciphertext),
        key_version: made.key_version.get(),
    })
}
