use strongroom_api::Batch;
use strongroom_api::tokens::{CreateTokens, CreatedToken};
use strongroom_core::{Tokenized, VaultError};
use strongroom_domain::RequestId;

use super::create::{new_token, status_of};
use super::view::view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::problem;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/batch`.
pub(crate) async fn create_batch(received: Received, wanted: CreateTokens) -> Outcome {
    let request_id = &received.call.request_id;
    let render = |results: &Vec<Result<Tokenized, VaultError>>| {
        let items = results.iter().enumerate().map(|(index, result)| created(index, result, request_id));
        rendered(request_id, 200, Ok(Batch { items: items.collect() }))
    };
    let items = wanted.items.into_iter().map(new_token).collect();
    Reply::answer(received.vault.tokenize(&received.call, items, received.idempotency(), render).await?)
}

fn created(index: usize, result: &Result<Tokenized, VaultError>, request_id: &RequestId) -> CreatedToken {
    let shown = result
        .as_ref()
        .map_err(VaultError::clone)
        .and_then(|done| Ok(CreatedToken::done(status_of(done), view(&done.token)?)));
    shown.unwrap_or_else(|error| CreatedToken::refused(problem::of_item(&error, index, request_id)))
}
