use strongroom_api::ListQuery;

use super::view::identity_view;
use crate::handlers::{Outcome, page};
use crate::request::{Received, Reply};

/// `GET /v1/identities`.
pub(crate) async fn list(received: Received, query: ListQuery) -> Outcome {
    let identities = received.vault.list_identities(&received.call).await?;
    let all = identities.iter().map(identity_view).collect();
    Reply::json(&page::by_name("identities", received.tenant(), &query, all, |identity| {
        identity.service.as_str()
    })?)
}
