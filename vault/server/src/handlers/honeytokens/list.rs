use strongroom_api::ListQuery;

use super::view::honeytoken_view;
use crate::handlers::{Outcome, page};
use crate::request::{Received, Reply};

/// `GET /v1/honeytokens`.
pub(crate) async fn list(received: Received, query: ListQuery) -> Outcome {
    let honeytokens = received.vault.list_honeytokens(&received.call).await?;
    let all = honeytokens.iter().map(honeytoken_view).collect();
    Reply::json(&page::by_name("honeytokens", received.tenant(), &query, all, |honeytoken| &honeytoken.id)?)
}
