use strongroom_api::identities::CreateGrant;
use strongroom_core::NewGrant;

use super::view::grant_view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::request::{Received, Reply};

/// `POST /v1/identities/{service}/grants`.
pub(crate) async fn grant(received: Received, wanted: CreateGrant) -> Outcome {
    let service = received.service()?;
    let grant = NewGrant {
        role: wanted.role.0,
        encrypted_only: wanted.encrypted_only,
        reason: wanted.reason.into_string(),
        expires_at: wanted.expires_at.map(|time| time.0),
    };
    let request_id = &received.call.request_id;
    let render = |grant: &strongroom_core::GrantView| rendered(request_id, 201, Ok(grant_view(grant)));
    let idempotency = received.idempotency();
    Reply::answer(received.vault.create_grant(&received.call, &service, grant, idempotency, render).await?)
}
