use strongroom_api::List;
use strongroom_api::tokens::SearchTokens;

use super::input::value_input;
use super::profile_or_default;
use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/search`.
pub(crate) async fn search(received: Received, mut wanted: SearchTokens) -> Outcome {
    let value = value_input(wanted.take_value())?;
    let profile = profile_or_default(wanted.profile)?;
    let found = received.vault.search_tokens(&received.call, &value, &profile).await?;
    let items = found.iter().map(view).collect::<Result<Vec<_>, _>>()?;
    Reply::json(&List { items, next_cursor: None })
}
