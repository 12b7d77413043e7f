use strongroom_api::OneOrMany;
use strongroom_api::crypto::{EncryptItem, LookedUpItem, StoredAs};
use strongroom_core::Encrypted;

use super::{Shape, each, encrypted_field, only, plain_items};
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/keys/{key}/lookup`.
pub(crate) async fn lookup(received: Received, wanted: OneOrMany<EncryptItem>) -> Outcome {
    let key = received.key()?;
    let (shape, items) = plain_items(wanted);
    let results = received.vault.lookup(&received.call, &key, &items).await?;
    match shape {
        Shape::One => Reply::json(&stored_as(only(results)?)),
        Shape::Many => {
            let done = |found| LookedUpItem::done(stored_as(found));
            Reply::json(&each(results, &received.call.request_id, done, LookedUpItem::refused))
        }
    }
}

fn stored_as(found: Vec<Encrypted>) -> StoredAs {
    StoredAs { ciphertexts: found.into_iter().map(encrypted_field).collect() }
}
