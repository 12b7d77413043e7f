use strongroom_api::crypto::{
    PublicKeyView, SignItem, Signed, SignedItem, Verified, VerifiedItem, VerifyItem,
};
use strongroom_api::{Binary, List, OneOrMany, Text};

use super::{Shape, each, only, unpack};
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/keys/{key}/sign`.
pub(crate) async fn sign(received: Received, wanted: OneOrMany<SignItem>) -> Outcome {
    let key = received.key()?;
    let (shape, items) =
        unpack(wanted, |item| strongroom_core::SignItem { message: item.message.into_secret() });
    let results = received.vault.sign(&received.call, &key, &items).await?;
    match shape {
        Shape::One => Reply::json(&signed(&only(results)?)),
        Shape::Many => {
            let done = |value| SignedItem::done(signed(&value));
            Reply::json(&each(results, &received.call.request_id, done, SignedItem::refused))
        }
    }
}

/// `POST /v1/keys/{key}/verify`.
pub(crate) async fn verify(received: Received, wanted: OneOrMany<VerifyItem>) -> Outcome {
    let key = received.key()?;
    let (shape, items) = unpack(wanted, |item| strongroom_core::VerifyItem {
        message: item.message.into_secret(),
        signature: item.signature.0,
        key_version: item.key_version.0,
    });
    let results = received.vault.verify(&received.call, &key, &items).await?;
    match shape {
        Shape::One => Reply::json(&verified(only(results)?)),
        Shape::Many => {
            let done = |value| VerifiedItem::done(&verified(value));
            Reply::json(&each(results, &received.call.request_id, done, VerifiedItem::refused))
        }
    }
}

/// `GET /v1/keys/{key}/public-keys`.
pub(crate) async fn public_keys(received: Received) -> Outcome {
    let found = received.vault.public_keys(&received.call, &received.key()?).await?;
    let items = found.into_iter().map(|key| PublicKeyView {
        key_version: key.version.get(),
        state: Text(key.state),
        algorithm: "ecdsa-p256-sha256".to_owned(),
        pem: key.pem,
    });
    Reply::json(&List { items: items.collect(), next_cursor: None })
}

fn signed(signed: &strongroom_core::Signed) -> Signed {
    Signed { signature: Binary(signed.signature.to_vec()), key_version: signed.key_version.get() }
}

const fn verified(verified: strongroom_core::Verified) -> Verified {
    Verified { valid: verified.valid }
}
