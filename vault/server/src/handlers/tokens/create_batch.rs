use strongroom_api::Batch;
use strongroom_api::tokens::{CreateTokens, CreatedToken};
use strongroom_core::{Tokenized, VaultError};
use strongroom_domain::RequestId;

use super::create::{new_token, status_of, without_codes};
use super::view::created_view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::problem;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/batch`.
pub(crate) async fn create_batch(received: Received, mut wanted: CreateTokens) -> Outcome {
    let request_id = &received.call.request_id;
    let render = |results: &Vec<Result<Tokenized, VaultError>>| {
        let items = results.iter().enumerate().map(|(index, result)| created(index, result, request_id));
        rendered(request_id, 200, Ok(Batch { items: items.collect() }))
    };
    let codes: Vec<_> = wanted.items.iter_mut().map(|item| item.security_code.take()).collect();
    let has_codes = codes.iter().any(Option::is_some);
    let known_by = has_codes.then(|| without_codes(&wanted)).transpose()?;
    let idempotency = received.idempotency_by(known_by.as_ref().map(|body| body.as_slice()));
    let items = wanted.items.into_iter().zip(codes).map(|(item, code)| new_token(item, code)).collect();
    Reply::answer(received.vault.tokenize(&received.call, items, idempotency, render).await?)
}

fn created(index: usize, result: &Result<Tokenized, VaultError>, request_id: &RequestId) -> CreatedToken {
    let shown = result
        .as_ref()
        .map_err(VaultError::clone)
        .and_then(|done| Ok(CreatedToken::done(status_of(done), created_view(done)?)));
    shown.unwrap_or_else(|error| CreatedToken::refused(problem::of_item(&error, index, request_id)))
}
