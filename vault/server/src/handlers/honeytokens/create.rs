use strongroom_api::honeytokens::CreateHoneytoken;
use strongroom_core::{HoneytokenView, NewHoneytoken};

use super::view::honeytoken_view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::problem::Failure;
use crate::request::{Received, Reply};

/// `POST /v1/honeytokens`.
pub(crate) async fn create(received: Received, wanted: CreateHoneytoken) -> Outcome {
    let token = wanted.token.parse().map_err(|_| Failure::not_found())?;
    let honeytoken = NewHoneytoken { token, reason: wanted.reason.into_string() };
    let request_id = &received.call.request_id;
    let render = |made: &HoneytokenView| rendered(request_id, 201, Ok(honeytoken_view(made)));
    let idempotency = received.idempotency();
    Reply::answer(received.vault.create_honeytoken(&received.call, honeytoken, idempotency, render).await?)
}
