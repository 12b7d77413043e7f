use strongroom_api::jobs::{ExportTokens, ReceiverKey};
use strongroom_core::{ExportRequest, JobView, VaultError};
use strongroom_crypto::jwe::PublicJwk;

use super::view::view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::problem::Failure;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/export`.
pub(crate) async fn begin_export(received: Received, wanted: ExportTokens) -> Outcome {
    let request_id = &received.call.request_id;
    let render = |job: &JobView| rendered(request_id, 201, Ok(view(job)));
    // In the header of each part it goes by its thumbprint, which is what somebody has agreed to.
    let named = ReceiverKey { kid: None, ..wanted.receiver_key };
    let key =
        serde_json::to_vec(&named).map_err(|_| Failure::internal("a public key could not be written"))?;
    let request = ExportRequest {
        receiver: PublicJwk::parse(&key).map_err(VaultError::ReceiverKey)?,
        purpose: wanted.purpose.0,
        profile: wanted.profile.map(|profile| profile.0),
        created_from: wanted.created_from.map(|from| from.0),
        created_to: wanted.created_to.map(|to| to.0),
    };
    Reply::answer(received.vault.begin_export(&received.call, request, received.idempotency(), render).await?)
}
