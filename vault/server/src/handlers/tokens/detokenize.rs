use strongroom_api::tokens::DetokenizeToken;
use strongroom_core::{DetokenizeRequest, VaultError};

use super::revealed::revealed;
use crate::handlers::Outcome;
use crate::problem::Failure;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/{token}/detokenize`.
pub(crate) async fn detokenize(received: Received, wanted: DetokenizeToken) -> Outcome {
    let request = DetokenizeRequest {
        // What is no token goes down like one that is not there, so that whoever tries is on record.
        tokens: vec![received.token().map_err(|_| VaultError::NotFound)],
        purpose: wanted.purpose.0,
        reveal: wanted.reveal.0,
        encrypt_to: wanted.encrypt_to.map(|to| to.0),
    };
    let results: Vec<Result<_, VaultError>> = received.vault.detokenize(&received.call, &request).await?;
    let value = results.into_iter().next().ok_or_else(|| Failure::internal("one token gave no answer"))?;
    Reply::json(&revealed(value?))
}
