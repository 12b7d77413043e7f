use strongroom_api::crypto::{DecryptItem, DecryptedField, DecryptedItem};
use strongroom_api::{OneOrMany, SecretBytes};
use strongroom_core::Decrypted;

use super::{Shape, each, only, unpack};
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/keys/{key}/decrypt`.
pub(crate) async fn decrypt(received: Received, wanted: OneOrMany<DecryptItem>) -> Outcome {
    let key = received.key()?;
    let (shape, items) = unpack(wanted, |item| strongroom_core::DecryptItem {
        ciphertext: item.ciphertext.0,
        key_version: item.key_version.map(|version| version.0),
        context: item.context.0,
    });
    let results = received.vault.decrypt(&received.call, &key, &items).await?;
    match shape {
        Shape::One => Reply::json(&field(only(results)?)),
        Shape::Many => {
            let done = |value| DecryptedItem::done(field(value));
            Reply::json(&each(results, &received.call.request_id, done, DecryptedItem::refused))
        }
    }
}

fn field(done: Decrypted) -> DecryptedField {
    DecryptedField { plaintext: SecretBytes::from(done.plaintext), key_version: done.key_version.get() }
}
