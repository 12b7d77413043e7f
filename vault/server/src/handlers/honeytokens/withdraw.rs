use super::view::honeytoken_view;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/honeytokens/{honeytoken}/withdraw`.
pub(crate) async fn withdraw(received: Received) -> Outcome {
    let honeytoken = received.honeytoken()?;
    Reply::json(&honeytoken_view(&received.vault.withdraw_honeytoken(&received.call, honeytoken).await?))
}
