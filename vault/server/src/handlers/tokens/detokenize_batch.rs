use strongroom_api::Batch;
use strongroom_api::tokens::{DetokenizeTokens, DetokenizedItem};
use strongroom_core::{DetokenizeRequest, VaultError};

use super::revealed::revealed;
use crate::handlers::Outcome;
use crate::problem;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/detokenize`.
pub(crate) async fn detokenize_batch(received: Received, wanted: DetokenizeTokens) -> Outcome {
    let tokens = wanted.items.iter().map(|token| token.parse().map_err(|_| VaultError::NotFound));
    let request = DetokenizeRequest {
        tokens: tokens.collect(),
        purpose: wanted.purpose.0,
        reveal: wanted.reveal.0,
        encrypt_to: wanted.encrypt_to.map(|to| to.0),
    };
    let results = received.vault.detokenize(&received.call, &request).await?;
    let request_id = &received.call.request_id;
    let items = results.into_iter().enumerate().map(|(index, result)| match result {
        Ok(value) => DetokenizedItem::done(revealed(value)),
        Err(error) => DetokenizedItem::refused(problem::of_item(&error, index, request_id)),
    });
    Reply::json(&Batch { items: items.collect() })
}
