use strongroom_api::OneOrMany;
use strongroom_api::crypto::ReencryptItem;
use strongroom_core::DecryptItem;

use super::{encrypted, unpack};
use crate::handlers::Outcome;
use crate::request::Received;

/// `POST /v1/keys/{key}/reencrypt`.
pub(crate) async fn reencrypt(received: Received, wanted: OneOrMany<ReencryptItem>) -> Outcome {
    let key = received.key()?;
    let (shape, items) = unpack(wanted, |item| DecryptItem {
        ciphertext: item.ciphertext.0,
        key_version: item.key_version.map(|version| version.0),
        context: item.context.0,
    });
    let results = received.vault.reencrypt(&received.call, &key, &items).await?;
    encrypted(shape, results, &received.call.request_id)
}
