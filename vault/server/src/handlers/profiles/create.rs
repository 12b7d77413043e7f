use strongroom_api::profiles::CreateProfile;
use strongroom_core::VaultError;

use super::view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::request::{Received, Reply};

/// `POST /v1/token-profiles`.
pub(crate) async fn create(received: Received, wanted: CreateProfile) -> Outcome {
    let profile = wanted.into_profile().map_err(VaultError::Profile)?;
    let request_id = &received.call.request_id;
    let render = |profile: &strongroom_core::ProfileView| rendered(request_id, 201, Ok(view(profile)));
    Reply::answer(
        received.vault.create_profile(&received.call, profile, received.idempotency(), render).await?,
    )
}
