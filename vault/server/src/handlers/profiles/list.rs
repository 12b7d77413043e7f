use strongroom_api::ListQuery;

use super::view;
use crate::handlers::{Outcome, page};
use crate::request::{Received, Reply};

/// `GET /v1/token-profiles`.
pub(crate) async fn list(received: Received, query: ListQuery) -> Outcome {
    let profiles = received.vault.list_profiles(&received.call).await?;
    let all = profiles.iter().map(view).collect();
    Reply::json(&page::by_name("token-profiles", received.tenant(), &query, all, |profile| {
        profile.name.as_str()
    })?)
}
