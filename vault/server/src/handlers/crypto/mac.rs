use strongroom_api::crypto::{MacItem, MadeMac, MadeMacItem, VerifiedMac, VerifiedMacItem, VerifyMacItem};
use strongroom_api::{Binary, OneOrMany};

use super::{Shape, each, only, unpack};
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/keys/{key}/mac`.
pub(crate) async fn mac(received: Received, wanted: OneOrMany<MacItem>) -> Outcome {
    let key = received.key()?;
    let (shape, items) = unpack(wanted, |item| strongroom_core::MacItem {
        data: item.data.into_secret(),
        context: item.context.0,
    });
    let results = received.vault.mac(&received.call, &key, &items).await?;
    match shape {
        Shape::One => Reply::json(&made(only(results)?)),
        Shape::Many => {
            let done = |value| MadeMacItem::done(made(value));
            Reply::json(&each(results, &received.call.request_id, done, MadeMacItem::refused))
        }
    }
}

/// `POST /v1/keys/{key}/verify-mac`.
pub(crate) async fn verify_mac(received: Received, wanted: OneOrMany<VerifyMacItem>) -> Outcome {
    let key = received.key()?;
    let (shape, items) = unpack(wanted, |item| strongroom_core::VerifyMacItem {
        data: item.data.into_secret(),
        mac: item.mac.0,
        context: item.context.0,
    });
    let results = received.vault.verify_mac(&received.call, &key, &items).await?;
    match shape {
        Shape::One => Reply::json(&verified(&only(results)?)),
        Shape::Many => {
            let done = |value| VerifiedMacItem::done(verified(&value));
            Reply::json(&each(results, &received.call.request_id, done, VerifiedMacItem::refused))
        }
    }
}

fn made(made: strongroom_core::MadeMac) -> MadeMac {
    MadeMac { mac: Binary(made.mac), key_version: made.key_version.get() }
}

fn verified(verified: &strongroom_core::VerifiedMac) -> VerifiedMac {
    let key_version = verified.key_version.map(strongroom_domain::KeyVersion::get);
    VerifiedMac { valid: key_version.is_some(), key_version }
}
