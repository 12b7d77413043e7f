use strongroom_api::OneOrMany;
use strongroom_api::crypto::EncryptItem;

use super::{encrypted, plain_items};
use crate::handlers::Outcome;
use crate::request::Received;

/// `POST /v1/keys/{key}/encrypt`.
pub(crate) async fn encrypt(received: Received, wanted: OneOrMany<EncryptItem>) -> Outcome {
    let key = received.key()?;
    let (shape, items) = plain_items(wanted);
    let results = received.vault.encrypt(&received.call, &key, &items).await?;
    encrypted(shape, results, &received.call.request_id)
}
