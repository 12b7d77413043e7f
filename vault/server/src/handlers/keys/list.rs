use strongroom_api::ListQuery;

use super::view::view;
use crate::handlers::{Outcome, page};
use crate::request::{Received, Reply};

/// `GET /v1/keys`.
pub(crate) async fn list(received: Received, query: ListQuery) -> Outcome {
    let keys = received.vault.list_keys(&received.call).await?;
    let all = keys.iter().map(view).collect();
    Reply::json(&page::by_name("keys", received.tenant(), &query, all, |key| key.name.as_str())?)
}
