use strongroom_api::keys::{CreateKey, DEFAULT_ROTATION_DAYS, ValueFormatInput};
use strongroom_core::{NewKey, VaultError};
use strongroom_domain::Protection;

use super::view::view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::request::{Received, Reply};

/// `POST /v1/keys`.
pub(crate) async fn create(received: Received, wanted: CreateKey) -> Outcome {
    let value_format = wanted.value_format.map(ValueFormatInput::into_value_format);
    let value_format = value_format.transpose().map_err(VaultError::ValueFormat)?;
    let key = NewKey {
        name: wanted.name.0,
        purpose: wanted.purpose.0,
        protection: wanted.protection.map_or(Protection::Envelope, |protection| protection.0),
        value_format: value_format.map(Box::new),
        rotation_days: wanted.rotation_days.unwrap_or(DEFAULT_ROTATION_DAYS),
    };
    let request_id = &received.call.request_id;
    let render = |key: &strongroom_core::KeyView| rendered(request_id, 201, Ok(view(key)));
    Reply::answer(received.vault.create_key(&received.call, key, received.idempotency(), render).await?)
}
