use std::time::Duration;

use strongroom_api::SecretText;
use strongroom_api::tokens::{CreateToken, ExpiryError, ValueType};
use strongroom_core::{CardInput, Metadata, NewToken, Tokenized, VaultError};

use super::profile_or_default;
use super::view::view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::request::{Received, Reply};

/// `POST /v1/tokens`.
pub(crate) async fn create(received: Received, wanted: CreateToken) -> Outcome {
    let request_id = &received.call.request_id;
    let render = |results: &Vec<Result<Tokenized, VaultError>>| match results.as_slice() {
        [Ok(done)] => rendered(request_id, status_of(done), view(&done.token)),
        [Err(error)] => rendered(request_id, 0, Err::<(), _>(error.clone())),
        _ => rendered(request_id, 0, Err::<(), _>(VaultError::Internal("one value gave not one token"))),
    };
    let items = vec![new_token(wanted)];
    Reply::answer(received.vault.tokenize(&received.call, items, received.idempotency(), render).await?)
}

/// 201 for a new token, 200 for the one the value had before.
pub(super) const fn status_of(done: &Tokenized) -> u16 {
    if done.created { 201 } else { 200 }
}

/// From the wire. What a rule refuses keeps its place and is on record like any refusal.
pub(super) fn new_token(wanted: CreateToken) -> Result<NewToken, VaultError> {
    let CreateToken { value_type: ValueType::Card, card, profile, ttl_seconds, single_use, metadata } =
        wanted;
    let expiry = card.expiry().map_err(|error| match error {
        ExpiryError::Incomplete => {
            VaultError::Invalid("exp_month and exp_year belong together: give both or none")
        }
        ExpiryError::Range(error) => VaultError::Card(error),
    })?;
    Ok(NewToken {
        card: CardInput {
            number: card.number.into_secret(),
            expiry,
            holder: card.holder.map(SecretText::into_secret),
        },
        profile: profile_or_default(profile)?,
        ttl: ttl_seconds.map(Duration::from_secs),
        single_use: single_use.unwrap_or(false),
        metadata: Metadata::new(metadata.into_pairs())?,
    })
}
