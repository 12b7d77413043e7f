use strongroom_api::List;
use strongroom_api::tokens::{SearchTokens, ValueType};
use strongroom_core::CardInput;

use super::profile_or_default;
use super::view::view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/search`.
pub(crate) async fn search(received: Received, wanted: SearchTokens) -> Outcome {
    let SearchTokens { value_type: ValueType::Card, card, profile } = wanted;
    let card = CardInput { number: card.number.into_secret(), expiry: None, holder: None };
    let profile = profile_or_default(profile)?;
    let found = received.vault.search_tokens(&received.call, &card, &profile).await?;
    let items = found.iter().map(view).collect::<Result<Vec<_>, _>>()?;
    Reply::json(&List { items, next_cursor: None })
}
