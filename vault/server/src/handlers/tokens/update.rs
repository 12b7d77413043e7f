use strongroom_api::tokens::UpdateToken;
use strongroom_core::{Metadata, TokenUpdate};

use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `PATCH /v1/tokens/{token}`.
pub(crate) async fn update(received: Received, wanted: UpdateToken) -> Outcome {
    let metadata = wanted.metadata.map(|metadata| Metadata::new(metadata.into_pairs())).transpose()?;
    let expires_at = wanted.expires_at.map(|end| end.map(|end| end.0));
    let update = TokenUpdate { metadata, expires_at };
    Reply::json(&view(&received.vault.update_token(&received.call, &received.token()?, &update).await?)?)
}
