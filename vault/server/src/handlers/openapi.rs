use strongroom_api::openapi::DOCUMENT;

use super::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/openapi.json`: the document that is committed. For every known caller, and no secret.
pub(crate) async fn get(_received: Received) -> Outcome {
    Ok(Reply::fixed_json(DOCUMENT))
}
