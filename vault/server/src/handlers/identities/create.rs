use strongroom_api::identities::CreateIdentity;
use strongroom_core::NewIdentity;

use super::view::identity_view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::request::{Received, Reply};

/// `POST /v1/identities`.
pub(crate) async fn create(received: Received, wanted: CreateIdentity) -> Outcome {
    let identity = NewIdentity {
        service: wanted.service.0,
        reason: wanted.reason.into_string(),
        expires_at: wanted.expires_at.map(|time| time.0),
    };
    let request_id = &received.call.request_id;
    let render =
        |identity: &strongroom_core::IdentityView| rendered(request_id, 201, Ok(identity_view(identity)));
    Reply::answer(
        received.vault.create_identity(&received.call, identity, received.idempotency(), render).await?,
    )
}
