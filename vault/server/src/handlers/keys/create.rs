use strongroom_api::keys::{CreateKey, DEFAULT_ROTATION_DAYS};
use strongroom_core::NewKey;
use strongroom_domain::Protection;

use super::view::view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::request::{Received, Reply};

/// `POST /v1/keys`.
pub(crate) async fn create(received: Received, wanted: CreateKey) -> Outcome {
    let key = NewKey {
        name: wanted.name.0,
        purpose: wanted.purpose.0,
        protection: wanted.protection.map_or(Protection::Envelope, |protection| protection.0),
        rotation_days: wanted.rotation_days.unwrap_or(DEFAULT_ROTATION_DAYS),
    };
    let request_id = &received.call.request_id;
    let render = |key: &strongroom_core::KeyView| rendered(request_id, 201, Ok(view(key)));
    Reply::answer(received.vault.create_key(&received.call, key, received.idempotency(), render).await?)
}
