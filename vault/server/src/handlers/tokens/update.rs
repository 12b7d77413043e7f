use strongroom_api::tokens::UpdateToken;
use strongroom_core::{Metadata, SetChange, TokenUpdate};

use super::values;
use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `PATCH /v1/tokens/{token}`.
pub(crate) async fn update(received: Received, wanted: UpdateToken) -> Outcome {
    let metadata = wanted.metadata.map(|metadata| Metadata::new(metadata.into_pairs())).transpose()?;
    let expires_at = wanted.expires_at.map(|end| end.map(|end| end.0));
    let aliases = wanted.aliases.unwrap_or_default();
    let tags = wanted.tags.unwrap_or_default();
    let update = TokenUpdate {
        metadata,
        expires_at,
        aliases: SetChange { add: values(aliases.add), remove: values(aliases.remove) },
        tags: SetChange { add: values(tags.add), remove: values(tags.remove) },
    };
    Reply::json(&view(&received.vault.update_token(&received.call, received.token()?, &update).await?)?)
}
