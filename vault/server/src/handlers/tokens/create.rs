use std::num::NonZeroU32;
use std::time::Duration;

use serde::Serialize;
use strongroom_api::tokens::CreateToken;
use strongroom_api::{SecretText, to_wiped_json};
use strongroom_core::{Metadata, NewToken, Tokenized, VaultError};
use zeroize::Zeroizing;

use super::input::value_input;
use super::view::created_view;
use super::{profile_or_default, values};
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::problem::Failure;
use crate::request::{Received, Reply};

/// `POST /v1/tokens`.
pub(crate) async fn create(received: Received, mut wanted: CreateToken) -> Outcome {
    let request_id = &received.call.request_id;
    let render = |results: &Vec<Result<Tokenized, VaultError>>| match results.as_slice() {
        [Ok(done)] => rendered(request_id, status_of(done), created_view(done)),
        [Err(error)] => rendered(request_id, 0, Err::<(), _>(error.clone())),
        _ => rendered(request_id, 0, Err::<(), _>(VaultError::Internal("one value gave not one token"))),
    };
    let code = wanted.security_code.take();
    let known_by = code.is_some().then(|| without_codes(&wanted)).transpose()?;
    let idempotency = received.idempotency_by(known_by.as_ref().map(|body| body.as_slice()));
    let items = vec![new_token(wanted, code)];
    Reply::answer(received.vault.tokenize(&received.call, items, idempotency, render).await?)
}

/// 201 for a new token, 200 for the one the value had before.
pub(in crate::handlers) const fn status_of(done: &Tokenized) -> u16 {
    if done.created { 201 } else { 200 }
}

/// What a request is known by that came with security codes, once they were taken out. A digest of the request is kept for a
/// day, and even a keyed one of three digits beside a known card would tell them to whoever comes to have the key.
pub(super) fn without_codes<T: Serialize>(wanted: &T) -> Result<Zeroizing<Vec<u8>>, Failure> {
    to_wiped_json(wanted).map_err(|_| Failure::internal("a request could not be written"))
}

/// From the wire. What a rule refuses keeps its place and is on record like any refusal.
pub(super) fn new_token(
    mut wanted: CreateToken,
    security_code: Option<SecretText>,
) -> Result<NewToken, VaultError> {
    let value = value_input(wanted.take_value())?;
    let max_uses = match (wanted.single_use, wanted.max_uses) {
        (Some(true), None | Some(1)) => Some(NonZeroU32::MIN),
        (Some(true), Some(_)) => {
            return Err(VaultError::Invalid("single_use and max_uses contradict each other"));
        }
        (_, None) => None,
        (_, Some(uses)) => {
            Some(NonZeroU32::new(uses).ok_or(VaultError::Invalid("max_uses must be at least 1"))?)
        }
    };
    Ok(NewToken {
        value,
        profile: profile_or_default(wanted.profile)?,
        ttl: wanted.ttl_seconds.map(Duration::from_secs),
        max_uses,
        metadata: Metadata::new(wanted.metadata.into_pairs())?,
        aliases: values(wanted.aliases),
        tags: values(wanted.tags),
        security_code: security_code.map(SecretText::into_secret),
        security_code_ttl: wanted.security_code_ttl_seconds.map(Duration::from_secs),
    })
}
